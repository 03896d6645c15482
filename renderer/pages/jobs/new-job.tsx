import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SourceReport } from '../../../electron/domain/found-sources.ts';
import type { Job } from '../../../electron/domain/model.ts';
import { client, engine } from '../../client.ts';
import { zone } from '../../clock.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Section } from '../../parts/section.tsx';
import { go } from '../../route.ts';
import { BackLink } from './back-link.tsx';
import { newDatabaseJob, newStoreJob } from './job-draft.ts';
import { JobForm } from './job-form.tsx';
import { partsOfJob } from './jobs-place.ts';
import panel from './panel.module.css';
import { SaveOutcome } from './save-outcome.tsx';
import { SourceChoice } from './source-choice.tsx';
import { type Consent, useJobSave } from './use-job-save.ts';

/** A source that was chosen, and the job that is being made of it. */
interface Draft {
  readonly source: Exclude<SourceReport, { readonly kind: 'none' }>;
  readonly job: Job;
}

/** Guides to a new job: first what, then the sentence that says the rest. */
export function NewJob() {
  const { data: settings } = useQuery(engine.settings.get.queryOptions());
  const [draft, setDraft] = useState<Draft | null>(null);
  const choose = (source: Draft['source']) => {
    const names = settings?.destinations.map(({ name }) => name) ?? [];
    setDraft({ source, job: jobOf(source, names.length === 1 ? names : []) });
  };
  return (
    <>
      <BackLink />
      <PageHead title="New job">One database, or one git repository.</PageHead>
      <Section title="What must not be lost?">
        <SourceChoice chosen={draft?.source.path ?? null} onChosen={choose} />
      </Section>
      {draft === null ? null : <NewJobForm key={draft.source.path} draft={draft} onChange={(job) => setDraft({ ...draft, job })} />}
    </>
  );
}

function jobOf(source: Draft['source'], destinations: readonly string[]): Job {
  const { name, path } = source;
  if (source.kind === 'sqlite') return newDatabaseJob(path, name, destinations, zone);
  return newStoreJob(path, name, { branch: source.branch ?? 'main', push: source.remote !== null }, zone);
}

function NewJobForm({ draft: { job, source }, onChange }: { readonly draft: Draft; readonly onChange: (job: Job) => void }) {
  const [isFirstWanted, setFirstWanted] = useState(true);
  const add = useJobSave(
    async (asked, _consent, runsNow) => {
      const setUp = await client.jobs.add({ job: asked });
      if (runsNow) await client.jobs.trigger({ job: setUp.job.name });
      return setUp;
    },
    ({ job: made }) => {
      go('jobs', partsOfJob(made.name));
    },
  );
  const send = (runsNow: boolean, consent?: Consent) => {
    setFirstWanted(runsNow);
    add.save(job, consent, runsNow);
  };
  const change = (next: Job) => {
    add.forget();
    onChange(next);
  };
  return (
    <Section title="How should it be backed up?">
      <div className={panel.name}>
        <TextInput
          label="Name"
          description="What you call it; its snapshots go into folders of this name"
          value={job.name}
          error={add.errors.name}
          onChange={({ currentTarget: { value } }) => change({ ...job, name: value })}
        />
      </div>
      <JobForm
        isKnown={false}
        job={job}
        errors={add.errors}
        sourceBytes={source.kind === 'sqlite' ? source.bytes : null}
        onChange={change}
      />
      <SaveOutcome save={add} means="No job was added." onConsent={(consent) => send(isFirstWanted, consent)} />
      <div className={panel.line}>
        <Button loading={add.isPending && isFirstWanted} disabled={add.isPending} onClick={() => send(true)}>
          Add the job and back up now
        </Button>
        <Button variant="default" loading={add.isPending && !isFirstWanted} disabled={add.isPending} onClick={() => send(false)}>
          Add the job
        </Button>
      </div>
    </Section>
  );
}
