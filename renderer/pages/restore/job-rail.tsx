import { Title } from '@mantine/core';
import { IconDatabase, IconGitBranch } from '@tabler/icons-react';
import { isGitJob, type Job } from '../../../electron/domain/model.ts';
import { counted } from '../../../electron/domain/units.ts';
import type { Route } from '../../route.ts';
import { RailList } from './rail.tsx';
import { restoreTo } from './restore-route.ts';

/** A job with something to be brought back. */
export interface RestorableJob {
  readonly name: string;
  /** `null` where it is not set up any more. */
  readonly job: Job | null;
  readonly snapshots: number;
}

interface JobRailProps {
  readonly route: Route;
  readonly jobs: readonly RestorableJob[];
  readonly current: string | null;
}

/** The jobs to choose from. */
export function JobRail({ current, jobs, route }: JobRailProps) {
  const entries = jobs.map(({ job, name, snapshots }) => {
    const isStore = job !== null && isGitJob(job);
    const Icon = isStore ? IconGitBranch : IconDatabase;
    return {
      key: name,
      href: restoreTo(route, [name]),
      name,
      about: isStore ? 'files' : counted(snapshots, 'snapshot'),
      mark: <Icon size={16} stroke={1.6} aria-hidden />,
    };
  });
  return (
    <>
      <Title order={2}>Jobs</Title>
      <RailList label="Jobs" entries={entries} current={current} />
    </>
  );
}
