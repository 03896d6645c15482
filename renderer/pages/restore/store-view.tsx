import type { ReactNode } from 'react';
import type { GitJob } from '../../../electron/domain/model.ts';
import type { Route } from '../../route.ts';

export function StoreView(_: {
  readonly route: Route;
  readonly job: GitJob;
  readonly rail: ReactNode;
  readonly layout: Readonly<Record<string, string | undefined>>;
}) {
  return null;
}
