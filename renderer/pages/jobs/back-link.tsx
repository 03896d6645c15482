import { Anchor } from '@mantine/core';
import { routeTo } from '../../route.ts';

/** The way back to the list. */
export function BackLink() {
  return (
    <Anchor href={routeTo('jobs')} size="sm">
      ‹ Jobs and destinations
    </Anchor>
  );
}
