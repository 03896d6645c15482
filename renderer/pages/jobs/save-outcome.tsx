import { Button } from '@mantine/core';
import { counted } from '../../format.ts';
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
  if (failure !== null) {
    return (
      <FailureNote failure={failure} means={failure.code === 'series-foreign' ? `${foreign} ${means}` : means}>
        {failure.code === 'series-foreign' ? (
          <Button variant="default" size="compact-xs" onClick={() => onConsent({ adopt: true })}>
            Go on with those snapshots
          </Button>
        ) : null}
        {failure.code === 'git-remote-changed' ? (
          <Button variant="default" size="compact-xs" onClick={() => onConsent({ identity: 'take' })}>
            Take the remote as it is now
          </Button>
        ) : null}
      </FailureNote>
    );
  }
  const notes = setUp === null ? [] : [...adoptedNote(setUp.adopted), ...setUp.notes];
  return notes.map((note) => (
    <p key={note} className={styles.note} role="status">
      <StatusMark mark="warning" /> {note}
    </p>
  ));
}

const foreign =
  'That place has snapshots under this name that were taken of another database, or on another machine. Going on with them counts them as this job’s own: its retention may remove them one day. If they are not the same notes, choose another name instead.';

function adoptedNote(adopted: number): string[] {
  if (adopted === 0) return [];
  return [`It goes on with ${counted(adopted, 'snapshot')} that ${adopted === 1 ? 'was' : 'were'} there already.`];
}
