import { Button, CopyButton, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { client, engine, isInApp } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import styles from './pieces.module.css';

/** The heading of what has just come in the place of something else: it takes the focus, so that keys go on from here. */
export function Headline({ children, mark }: { readonly children: ReactNode; readonly mark?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Title order={2} ref={heading} tabIndex={-1} className={styles.headline ?? ''}>
      {mark}
      {children}
    </Title>
  );
}

export function BackLink({ children, href }: { readonly href: string; readonly children: ReactNode }) {
  return (
    <a href={href} className={styles.back}>
      <IconArrowLeft size={15} stroke={1.6} aria-hidden />
      {children}
    </a>
  );
}

/** A list of what is known: names at the left. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

export function Fact({ children, name }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A digest that can be compared and copied; its beginning is enough to be told from others. */
export function Digest({ isShort = false, sha256 }: { readonly sha256: string; readonly isShort?: boolean }) {
  return (
    <span className={styles.line}>
      <span className={styles.digest} title={sha256}>
        {isShort ? `${sha256.slice(0, 16)}…` : sha256}
      </span>
      <CopyText text={sha256} label="Copy digest" />
    </span>
  );
}

export function CopyText({ label, text }: { readonly text: string; readonly label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button variant="transparent" size="compact-xs" className={styles.plain ?? ''} onClick={copy}>
          {copied ? 'Copied' : label}
        </Button>
      )}
    </CopyButton>
  );
}

/** Shows a file where it is: in the app in the system's file manager, in a browser by its path. */
export function ShowFile({ path }: { readonly path: string }) {
  const { data: desktop } = useQuery(engine.desktop.info.queryOptions());
  const reveal = useMutation({ mutationFn: () => client.desktop.reveal({ path }) });
  if (!isInApp) {
    return (
      <CopyButton value={path}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy}>
            {copied ? 'Copied' : 'Copy path'}
          </Button>
        )}
      </CopyButton>
    );
  }
  return (
    <>
      <Button variant="default" onClick={() => reveal.mutate()}>
        {desktop?.platform === 'darwin' ? 'Show in Finder' : 'Show in folder'}
      </Button>
      {reveal.error === null ? null : <span role="alert">{failureOf(reveal.error).message}.</span>}
    </>
  );
}
