import { Button, Modal } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type DestinationConfig, placeOf } from '../../../electron/domain/model.ts';
import type { DestinationReport } from '../../../electron/domain/outcomes.ts';
import { describeSpace, formatBytes } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { counted, formatInstant } from '../../format.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Section } from '../../parts/section.tsx';
import { SignIn } from '../../parts/sign-in.tsx';
import { go } from '../../route.ts';
import { BackLink } from './back-link.tsx';
import panel from './panel.module.css';
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
  if (report === undefined) return null;
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
            <TransferForm key={`${config.chunkBytes} ${config.bandwidth}`} config={config} />
          </Section>
        </>
      ) : null}
      {isRemoving ? <RemoveDestination report={report} onClose={() => setRemoving(false)} /> : null}
    </>
  );
}

function Held({ report: { bytes, config, error, snapshots, space } }: { readonly report: DestinationReport }) {
  const isSignIn = config.kind === 'drive' && error?.code.startsWith('sign-in-') === true;
  return (
    <>
      {error === null || isSignIn ? null : (
        <FailureNote
          failure={{ hint: null, ...error, message: sentence(error.message) }}
          means="Backups to it fail until it is there again; what it holds is not touched."
        />
      )}
      <p className={panel.quiet}>
        {counted(snapshots, 'snapshot')}, {formatBytes(bytes)}
        {space === null ? '' : `; ${describeSpace(space)}`}
      </p>
    </>
  );
}

type DriveConfig = Extract<DestinationConfig, { readonly kind: 'drive' }>;

function DriveAccount({ config, error }: { readonly config: DriveConfig; readonly error: DestinationReport['error'] }) {
  const isBroken = error?.code.startsWith('sign-in-') === true;
  const { account, credentials, name, signInEndsAtMs } = config;
  if (credentials.kind === 'shared') return <p className={panel.quiet}>It uses the credentials in {credentials.path}.</p>;
  return (
    <div className={panel.form}>
      {account !== null && isBroken && error !== null ? (
        <FailureNote
          failure={{ code: error.code, message: sentence(error.message), hint: null }}
          means="Backups to it wait until you sign in; those that are there are safe."
        />
      ) : null}
      <p className={panel.quiet}>
        {account === null ? 'Nobody has signed in yet.' : `Belongs to ${account.email}.`}
        {signInEndsAtMs === null ? '' : ` This sign-in ends by itself on ${formatInstant(signInEndsAtMs)}: publish the consent screen.`}
      </p>
      <SignIn name={name} label={account === null ? 'Sign in with Google' : 'Sign in again'} />
    </div>
  );
}

function RemoveDestination({
  onClose,
  report: { config, snapshots },
}: {
  readonly report: DestinationReport;
  readonly onClose: () => void;
}) {
  const remove = useMutation(engine.destinations.remove.mutationOptions({ onSuccess: () => go('jobs') }));
  const what = snapshots === 0 ? 'its files stay there' : `its ${counted(snapshots, 'snapshot')} stay there`;
  return (
    <Modal opened onClose={onClose} title={`Remove ${config.name}`}>
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
    </Modal>
  );
}
