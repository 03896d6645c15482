import { PageHead } from '../parts/page-head.tsx';

/** The page "Settings". */
export function SettingsPage() {
  return <PageHead title="Settings"></PageHead>;
}
