import type { DriveConfig } from '../../../electron/domain/model.ts';
import type { DestinationReport } from '../../../electron/domain/outcomes.ts';
import { sentence } from '../../failure.ts';
import { formatInstant } from '../../format.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { SignIn } from '../../parts/sign-in.tsx';
import panel from './panel.module.css';

/** Whose Drive it is, whether the sign-in works, and a new one. */
export function DriveAccount({ config, error }: { readonly config: DriveConfig; readonly error: DestinationReport['error'] }) {
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
      <SignIn name={name} isNeeded={account === null || isBroken} label={account === null ? 'Sign in with Google' : 'Sign in again'} />
    </div>
  );
}
