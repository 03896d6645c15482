import { Button, Code, CopyButton } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Finding } from '../../../electron/domain/outcomes.ts';
import { client, engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LogLines } from '../../parts/log-lines.tsx';
import { Section } from '../../parts/section.tsx';
import { type Mark, StatusMark } from '../../parts/status-mark.tsx';
import styles from './doctor-settings.module.css';
import { SettingRow } from './setting-row.tsx';

/** What helps when something is wrong. */
export function DoctorSettings() {
  const examine = useMutation({ mutationFn: () => client.engine.examine() });
  const report = useMutation({ mutationFn: () => client.engine.report() });
  const failed = examine.error ?? report.error;
  return (
    <Section title="When something is wrong">
      <SettingRow
        label="Examine the set-up"
        effect="Looks at everything that a backup depends on: sources, disks, destinations, accounts. Changes nothing."
        below={
          <>
            {failed ? <FailureNote failure={failureOf(failed)} /> : null}
            {examine.data ? <Findings findings={examine.data} /> : null}
          </>
        }
      >
        <Button variant="default" loading={examine.isPending} onClick={() => examine.mutate()}>
          Examine
        </Button>
      </SettingRow>
      <SettingRow
        label="Report"
        effect="The same as a text for an issue, with the last troubles of the log; without secrets and without your name."
        below={report.data ? <Report text={report.data.text} /> : null}
      >
        <Button variant="default" loading={report.isPending} onClick={() => report.mutate()}>
          Write a report
        </Button>
      </SettingRow>
      <Logs />
    </Section>
  );
}

const marks: Readonly<Record<Finding['verdict'], { readonly mark: Mark; readonly word: string }>> = {
  good: { mark: 'good', word: 'Good' },
  warning: { mark: 'warning', word: 'Warning' },
  bad: { mark: 'failed', word: 'Wrong' },
};

function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <ul className={styles.findings} aria-label="What was found">
      {findings.map(({ hint, message, verdict, what }) => (
        <li key={`${what} ${message}`}>
          <StatusMark mark={marks[verdict].mark} label={marks[verdict].word} />
          <div>
            {what}: {message}
            {hint === undefined ? null : <div className={styles.hint}>{sentence(hint)}</div>}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Report({ text }: { readonly text: string }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={styles.report} aria-label="Report" tabIndex={0}>
        <pre>{text}</pre>
      </section>
      <CopyButton value={text}>{({ copied, copy }) => <Button onClick={copy}>{copied ? 'Copied' : 'Copy the report'}</Button>}</CopyButton>
    </>
  );
}

function Logs() {
  const [isShown, setIsShown] = useState(false);
  const { data: desktop } = useQuery(engine.desktop.info.queryOptions());
  const { data: lines, error } = useQuery(engine.engine.log.queryOptions({ input: {}, enabled: isShown, staleTime: 0 }));
  const reveal = useMutation(engine.desktop.reveal.mutationOptions());
  const failed = error ?? reveal.error;
  return (
    <SettingRow
      label="Logs"
      effect={desktop === undefined ? '' : <Code>{desktop.logFolder}</Code>}
      below={
        <>
          {failed ? <FailureNote failure={failureOf(failed)} /> : null}
          {isShown && lines ? <LogLines lines={lines} label="Latest lines of the log" none="The log is empty." /> : null}
        </>
      }
    >
      <div className={styles.buttons}>
        {desktop?.kind === 'app' ? (
          <Button variant="default" onClick={() => reveal.mutate({ path: desktop.logFolder })}>
            Open the logs
          </Button>
        ) : null}
        <Button variant="default" aria-expanded={isShown} onClick={() => setIsShown(!isShown)}>
          {isShown ? 'Hide the latest lines' : 'Show the latest lines'}
        </Button>
      </div>
    </SettingRow>
  );
}
