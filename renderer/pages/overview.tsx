import { PageHead } from '../parts/page-head.tsx';

/** The page "Overview". */
export function OverviewPage() {
  return <PageHead title="Overview"></PageHead>;
}
