import { Anchor, Button, Modal } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { isSqliteJob, placeOf } from '../../../electron/domain/model.ts';
import type { DestinationReport } from '../../../electron/domain/outcomes.ts';
import { counted } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { go, routeTo } from '../../route.ts';
import { partsOfJob } from './jobs-place.ts';
import panel from './panel.module.css';

interface RemoveDestinationProps {
  readonly report: DestinationReport;
  readonly onClose: () => void;
}

/** The second step of forgetting a place: says what stays there, and asks by name. One that a job uses has to be taken out of that first. */
export function RemoveDestination({ onClose, report }: RemoveDestinationProps) {
  const { name } = report.config;
  const { data: jobs = [] } = useQuery(engine.jobs.list.queryOptions());
  const users = jobs.filter((job) => isSqliteJob(job) && job.destinations.includes(name)).map((job) => job.name);
  return (
    <Modal opened onClose={onClose} title={`Remove ${name}`}>
      {users.length === 0 ? <Unused report={report} onClose={onClose} /> : <Used users={users} name={name} />}
    </Modal>
  );
}

function Used({ name, users }: { readonly users: readonly string[]; readonly name: string }) {
  return (
    <div className={panel.form}>
      <p className={panel.quiet}>Jobs still send their snapshots to {name}. Choose another place for them first:</p>
      <ul className={panel.steps}>
        {users.map((user) => (
          <li key={user}>
            <Anchor href={routeTo('jobs', partsOfJob(user))}>{user}</Anchor>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Unused({ onClose, report: { config, snapshots } }: RemoveDestinationProps) {
  const remove = useMutation(engine.destinations.remove.mutationOptions({ onSuccess: () => go('jobs') }));
  const what = snapshots === 0 ? 'its files stay there' : `its ${counted(snapshots, 'snapshot')} stay there`;
  return (
    <div className={panel.form}>
      <p className={panel.quiet}>
        Nightjar forgets this place{config.kind === 'drive' ? ' and its sign-in' : ''}. Nothing in {placeOf(config)} is deleted; added
        again, it is found again.
      </p>
      {remove.error === null ? null : <FailureNote failure={failureOf(remove.error)} means="The destination is as it was." />}
      <div className={panel.line}>
        <Button color="var(--failed)" variant="outline" loading={remove.isPending} onClick={() => remove.mutate({ name: config.name })}>
          Remove {config.name}; {what}
        </Button>
        <Button variant="subtle" onClick={onClose}>
          Keep the destination
        </Button>
      </div>
    </div>
  );
}
