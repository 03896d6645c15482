import { PageHead } from '../parts/page-head.tsx';
import type { Route } from '../route.ts';

/** The page "History". */
export function HistoryPage({ route }: { readonly route: Route }) {
  return <PageHead title="History">{route.parts.join('/')}</PageHead>;
}
