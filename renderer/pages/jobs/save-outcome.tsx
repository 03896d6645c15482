import { Button } from '@mantine/core';
import { counted } from '../../../electron/domain/units.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import styles from './save-outcome.module.css';
import type { Consent, JobSave } from './use-job-save.ts';

interface SaveOutcomeProps {
  readonly save: JobSave;
  /** What is true of the backups where it could not be saved. */
  readonly means: string;
  readonly onConsent: (consent: Consent) => void;
}

/** Why a job was not saved, with what can be done about it; or what a person should know of it now. */
export function SaveOutcome({ means, onConsent, save: { failure, setUp } }: SaveOutcomeProps) {
  if (failure?.code === 'series-foreign') {
    return (
      <FailureNote failure={{ ...failure, hint: null }} means={`${foreign} ${means}`}>
        <Button variant="default" size="compact-xs" onClick={() => onConsent({ adopt: true })}>
          Go on with those snapshots
        </Button>
      </FailureNote>
    );
  }
  if (failure?.code === 'git-remote-changed') {
    return (
      <FailureNote failure={{ ...failure, hint: null }} means={`${moved} ${means}`}>
        <Button variant="default" size="compact-xs" onClick={() => onConsent({ identity: 'take' })}>
          Take the remote as it is now
        </Button>
      </FailureNote>
    );
  }
  if (failure !== null) return <FailureNote failure={failure} means={means} />;
  const notes = setUp === null ? [] : [...adoptedNote(setUp.adopted), ...setUp.notes];
  return notes.map((note) => (
    <p key={note} className={styles.note} role="status">
      <StatusMark mark="warning" /> {note}
    </p>
  ));
}

const foreign =
  'Going on with them counts them as this job’s own: its retention may remove them one day. If they are of something else, give this one a job of another name.';

const moved = 'Take it if you have moved the repository yourself: from then on its commits go there.';

function adoptedNote(adopted: number): string[] {
  if (adopted === 0) return [];
  return [`It goes on with ${counted(adopted, 'snapshot')} that ${adopted === 1 ? 'was' : 'were'} there already.`];
}
