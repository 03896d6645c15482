import { Anchor, Button, Loader } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Connected } from '../../electron/domain/outcomes.ts';
import { client } from '../client.ts';
import { failureOf, sentence } from '../failure.ts';
import { FailureNote } from './failure-note.tsx';
import styles from './sign-in.module.css';

interface SignInProps {
  /** The destination in Google Drive. */
  readonly name: string;
  readonly onSignedIn?: (connected: Connected) => void;
  readonly label?: string;
  /** False where it works as it is. */
  readonly isNeeded?: boolean;
}

/** Opens Google's page in the person's browser and waits until they have signed in there; it can be cancelled. */
export function SignIn({ isNeeded = true, label = 'Sign in with Google', name, onSignedIn }: SignInProps) {
  const [url, setUrl] = useState<string | null>(null);
  const wait = useRef<AbortController | null>(null);
  const signIn = useMutation({
    mutationFn: async ({ switchAccount }: { readonly switchAccount: boolean }) => {
      const until = new AbortController();
      wait.current = until;
      return followSignIn({ name, switchAccount, signal: until.signal }, (address) => {
        setUrl(address);
        // A browser that does not open it has the link below.
        window.open(address, '_blank', 'noopener,noreferrer');
      });
    },
    onSettled: () => setUrl(null),
  });
  const isCancelled = wait.current?.signal.aborted === true;
  const failure = signIn.error === null || isCancelled ? null : failureOf(signIn.error);
  // Told only while this is shown: who has gone elsewhere meanwhile is not called back.
  const start = (switchAccount: boolean) => signIn.mutate({ switchAccount }, { onSuccess: (connected) => onSignedIn?.(connected) });

  if (signIn.isPending) {
    return (
      <div className={styles.waiting} role="status">
        <Loader size="xs" aria-hidden="true" />
        <span>
          Waiting for you to sign in at Google
          {url === null ? '' : '. '}
          {url === null ? null : (
            <Anchor href={url} target="_blank" rel="noopener noreferrer" underline="always" inherit>
              Open Google's page
            </Anchor>
          )}
        </span>
        <Button variant="subtle" size="compact-xs" onClick={() => wait.current?.abort()}>
          Cancel the sign-in
        </Button>
      </div>
    );
  }
  return (
    <div>
      {failure === null ? null : (
        <FailureNote failure={failure} means="Nothing can be backed up to it until you are signed in.">
          {failure.code === 'sign-in-account' ? (
            <Button variant="default" size="compact-xs" onClick={() => start(true)}>
              Go on with the other account; the snapshots stay in the former one
            </Button>
          ) : null}
        </FailureNote>
      )}
      {signIn.isSuccess ? (
        <p role="status" className={styles.done}>
          {[`Signed in as ${signIn.data.account.email}`, ...signIn.data.found].map((line) => `${sentence(line)}.`).join(' ')}
        </p>
      ) : null}
      <Button variant={signIn.isSuccess || !isNeeded ? 'default' : 'filled'} onClick={() => start(false)}>
        {label}
      </Button>
    </div>
  );
}

interface SignInRequest {
  readonly name: string;
  readonly switchAccount: boolean;
  readonly signal: AbortSignal;
}

/** Tells the address as soon as there is one; the outcome is the stream's last word. */
async function followSignIn({ signal, ...asked }: SignInRequest, onAddress: (url: string) => void): Promise<Connected> {
  const events = await client.destinations.signIn(asked, { signal });
  for (;;) {
    const { done, value } = await events.next();
    if (done) return value;
    onAddress(value.url);
  }
}
