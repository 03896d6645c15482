import { useState } from 'react';
import { FirstRunChoice } from './first-run-choice.tsx';
import { FirstSnapshots } from './first-snapshots.tsx';

interface FirstRunProps {
  /** Called before the first job is there, so that this stays on the screen. */
  readonly onBegin: () => void;
  readonly onDone: () => void;
}

/** From "What must not be lost?" to the first verified snapshot, on one screen. */
export function FirstRun({ onBegin, onDone }: FirstRunProps) {
  const [jobs, setJobs] = useState<readonly string[] | null>(null);
  if (jobs === null) return <FirstRunChoice onBegin={onBegin} onMade={setJobs} />;
  return <FirstSnapshots jobs={jobs} onDone={onDone} />;
}
