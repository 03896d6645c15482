import { Anchor, Button, CopyButton, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Job, Run } from '../../../electron/domain/model.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { formatShort, formatTook } from '../../format.ts';
import { useLiveRuns } from '../../live.ts';
import { Ago } from '../../parts/ago.tsx';
import { BackUpButton, useBackUpNow } from '../../parts/back-up-now.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { RunProgress } from '../../parts/run-progress.tsx';
import { Section } from '../../parts/section.tsx';
import { markOfRun, StatusMark } from '../../parts/status-mark.tsx';
import { routeTo } from '../../route.ts';
import { sizeOfRun, statusWords, triggerWords } from '../../run-words.ts';
import { describeRun } from './diagnosis.ts';
import styles from './run-detail.module.css';
import { RunLog } from './run-log.tsx';
import { RunSteps } from './run-steps.tsx';

/** One run with all that is known of it. */
export function RunDetail({ id }: { readonly id: string }) {
  const { data: run, error, isPending } = useQuery(engine.runs.get.queryOptions({ input: { run: id } }));
  return (
    <>
      <nav aria-label="Back" className={styles.back}>
        <Anchor href={routeTo('history')}>History</Anchor>
      </nav>
      {isPending ? <Loader size="sm" aria-label="Reading the run" /> : null}
      {error ? (
        <>
          <PageHead title="A run" />
          <FailureNote failure={failureOf(error)} />
        </>
      ) : null}
      {run ? <KnownRun run={run} /> : null}
    </>
  );
}

function KnownRun({ run }: { readonly run: Run }) {
  const { endedAtMs, id, job, startedAtMs, status, trigger, warnings } = run;
  const live = useLiveRuns().get(id) ?? null;
  const { data: jobs } = useQuery(engine.jobs.list.queryOptions());
  const configured = jobs?.find(({ name }) => name === job) ?? null;
  const diagnosis = useDiagnosis(run, configured);
  return (
    <>
      <PageHead title={`${job}, ${formatShort(startedAtMs)}`} actions={<Actions run={run} job={configured} diagnosis={diagnosis} />}>
        <StatusMark mark={markOfRun(status)} /> <strong className={styles.word}>{statusWords[status]}</strong>
        {`, ${triggerWords[trigger].toLowerCase()}, `}
        <Ago atMs={startedAtMs} />
        {endedAtMs === undefined ? '' : `, took ${formatTook(endedAtMs - startedAtMs)}`}
      </PageHead>
      {status === 'running' && live !== null ? (
        <div className={styles.progress}>
          <RunProgress run={live} />
        </div>
      ) : null}
      <RunError run={run} job={configured} diagnosis={diagnosis} />
      {warnings.length === 0 ? null : (
        <Section title="Warnings">
          <ul className={styles.warnings}>
            {[...new Set(warnings)].map((warning) => (
              <li key={warning}>
                <StatusMark mark="warning" />
                <span>{sentence(warning)}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title="Steps">
        <RunSteps run={run} live={live} />
      </Section>
      <Sent run={run} />
      <RunLog id={id} isOpen={run.error !== undefined} />
    </>
  );
}

interface RunParts {
  readonly run: Run;
  readonly job: Job | null;
  readonly diagnosis: string;
}

function Actions({ diagnosis, job, run }: RunParts) {
  return (
    <>
      {run.snapshotId === undefined ? null : (
        <Button component="a" variant="default" href={routeTo('restore', [run.job, run.snapshotId])}>
          Its snapshot
        </Button>
      )}
      {job === null ? null : (
        <Button component="a" variant="default" href={routeTo('jobs', [job.name])}>
          The job
        </Button>
      )}
      {run.error === undefined ? (
        <CopyButton value={diagnosis}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy diagnosis'}
            </Button>
          )}
        </CopyButton>
      ) : null}
    </>
  );
}

function RunError({ diagnosis, job, run }: RunParts) {
  const { error, job: name } = run;
  const { data: health } = useQuery(engine.engine.status.queryOptions());
  if (error === undefined) return null;
  const means = meaningOf(run, health?.find((each) => each.job === name)?.lastGoodMs ?? null);
  const failure = { code: error.code, message: sentence(error.message), hint: error.hint === undefined ? null : sentence(error.hint) };
  return (
    <FailureNote failure={failure} means={means} diagnosis={diagnosis}>
      {error.code === 'disk-space-low' ? (
        <>
          <Button component="a" size="compact-xs" variant="default" href={routeTo('overview')}>
            See the disks
          </Button>
          <Button component="a" size="compact-xs" variant="default" href={routeTo('settings')}>
            Change the reserve
          </Button>
        </>
      ) : null}
      {job === null ? null : <Again job={job} />}
    </FailureNote>
  );
}

function Again({ job }: { readonly job: Job }) {
  const backUp = useBackUpNow(job);
  return (
    <>
      <BackUpButton size="compact-xs" backUp={backUp} />
      {backUp.error === null ? null : <span role="alert">{failureOf(backUp.error).message}.</span>}
    </>
  );
}

/** What a run that failed has left behind, and since when what it is about is not safe. */
function meaningOf({ job, snapshotId, steps }: Run, lastGoodMs: number | null): string {
  const isCommitted = steps.some(({ name, status }) => name === 'commit' && status === 'done');
  if (isCommitted) {
    const since = lastGoodMs === null ? 'it was not safe as a whole yet' : `it was safe as a whole last on ${formatShort(lastGoodMs)}`;
    return `What is committed stays in the repository of ${job}; ${since}.`;
  }
  const stored = snapshotId === undefined ? 'This run stored nothing.' : 'What this run had stored before it failed is kept.';
  return lastGoodMs === null ? stored : `${stored} The last good snapshot of ${job} is of ${formatShort(lastGoodMs)}.`;
}

/** What each destination got, how fast, and whether it was read back. */
function Sent({ run }: { readonly run: Run }) {
  const sent = run.steps.filter(({ name, status }) => name === 'send' && status !== 'running');
  if (sent.length === 0) return null;
  const raw = sizeOfRun(run);
  return (
    <Section title="What was sent">
      <ul className={styles.sent}>
        {sent.map(({ endedAtMs, facts, startedAtMs, status }) => {
          const ms = endedAtMs === undefined ? 0 : endedAtMs - startedAtMs;
          const proof = run.steps.find(({ facts: { destination }, name }) => name === 'verify' && destination === facts.destination);
          const bytes = Number(facts.bytes ?? 0);
          return (
            <li key={`${facts.destination} ${startedAtMs}`}>
              <StatusMark mark={status === 'failed' ? 'failed' : markOfProof(proof?.status)} />
              <strong>{facts.destination}</strong>
              <span>
                {formatBytes(bytes)}
                {raw?.kind === 'database' ? ` of ${formatBytes(raw.bytes)} raw` : ''}
                {ms >= 500 ? `, ${formatBytes(Math.round((bytes * 1000) / ms))}/s` : ''}
              </span>
              <span className={styles.quiet}>{proof?.status === 'done' ? 'read back, and the same' : 'not proven there'}</span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function markOfProof(status: Run['steps'][number]['status'] | undefined) {
  return status === 'done' ? 'good' : 'unknown';
}

function useDiagnosis(run: Run, job: Job | null): string {
  const { data: log = [] } = useQuery(engine.runs.log.queryOptions({ input: { run: run.id } }));
  const { data: info } = useQuery(engine.engine.hello.queryOptions());
  const { data: desktop } = useQuery(engine.desktop.info.queryOptions());
  return describeRun({ run, job, log, program: info?.program ?? 'nightjar', platform: desktop?.platform ?? navigator.platform });
}
