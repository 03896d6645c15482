import { PageHead } from '../parts/page-head.tsx';
import type { Route } from '../route.ts';

/** The page "Restore". */
export function RestorePage({ route }: { readonly route: Route }) {
  return <PageHead title="Restore">{route.parts.join('/')}</PageHead>;
}
