import { PageHead } from '../parts/page-head.tsx';
import type { Route } from '../route.ts';

/** The page "Jobs". */
export function JobsPage({ route }: { readonly route: Route }) {
  return <PageHead title="Jobs">{route.parts.join('/')}</PageHead>;
}
