import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { placeOf } from '../../../electron/domain/model.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Section } from '../../parts/section.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { BackLink } from './back-link.tsx';
import { DriveAccount } from './drive-account.tsx';
import { Held } from './held.tsx';
import { RemoveDestination } from './remove-destination.tsx';
import { TestChecks } from './test-checks.tsx';
import { TransferForm } from './transfer-form.tsx';

/** One place: what it holds, whether it works, how it is reached, and the way to forget it. */
export function DestinationPage({ name }: { readonly name: string }) {
  const { data: report, error } = useQuery(engine.destinations.inspect.queryOptions({ input: { name } }));
  const test = useMutation(engine.destinations.test.mutationOptions());
  const [isRemoving, setRemoving] = useState(false);
  if (error !== null) {
    return (
      <>
        <BackLink />
        <PageHead title={name} />
        <FailureNote failure={failureOf(error)} />
      </>
    );
  }
  if (report === undefined) {
    return (
      <>
        <BackLink />
        <PageHead title={name} />
        <Waiting what={`Looking at ${name}`} />
      </>
    );
  }
  const { config } = report;
  return (
    <>
      <BackLink />
      <PageHead
        title={config.name}
        actions={
          <>
            <Button loading={test.isPending} onClick={() => test.mutate({ name: config.name })}>
              Test
            </Button>
            <Button variant="default" onClick={() => setRemoving(true)}>
              Remove…
            </Button>
          </>
        }
      >
        {placeOf(config)}
      </PageHead>
      {test.error === null ? null : <FailureNote failure={failureOf(test.error)} />}
      {test.data === undefined ? null : (
        <Section title="Test">
          <TestChecks checks={test.data} />
        </Section>
      )}
      <Section title="What it holds">
        <Held report={report} />
      </Section>
      {config.kind === 'drive' ? (
        <>
          <Section title="Account">
            <DriveAccount config={config} error={report.error} />
          </Section>
          <Section title="Transfer">
            <TransferForm config={config} />
          </Section>
        </>
      ) : null}
      {isRemoving ? <RemoveDestination report={report} onClose={() => setRemoving(false)} /> : null}
    </>
  );
}
