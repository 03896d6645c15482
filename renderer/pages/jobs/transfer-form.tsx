import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { DriveConfig } from '../../../electron/domain/model.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { NumberField } from './number-field.tsx';
import panel from './panel.module.css';

const mebibyte = 1024 * 1024;
const kilobyte = 1000;

/** How much is sent at a time, and how fast. */
export function TransferForm({ config }: { readonly config: DriveConfig }) {
  const [chunk, setChunk] = useState(config.chunkBytes / mebibyte);
  const [limit, setLimit] = useState(config.bandwidth === null ? Number.NaN : config.bandwidth / kilobyte);
  const set = useMutation(engine.destinations.set.mutationOptions());
  const asked = { chunkBytes: Math.round(chunk * mebibyte), bandwidth: Number.isNaN(limit) ? null : Math.round(limit * kilobyte) };
  const isSame = asked.chunkBytes === config.chunkBytes && asked.bandwidth === config.bandwidth;
  return (
    <form
      className={panel.form}
      aria-label="Transfer"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate({ name: config.name, ...asked });
      }}
    >
      <NumberField
        label="Sent at a time"
        unit="MiB; a multiple of a quarter"
        value={chunk}
        onChange={setChunk}
        error={Number.isNaN(chunk) ? 'Say how much.' : undefined}
      />
      <NumberField label="At most" unit="kB a second, up and down; empty for no limit" value={limit} onChange={setLimit} />
      {set.error === null ? null : <FailureNote failure={failureOf(set.error)} means="It is reached as before." />}
      <div className={panel.line}>
        <Button type="submit" loading={set.isPending} disabled={isSame || Number.isNaN(chunk)}>
          Save the changes
        </Button>
        <span role="status">{set.isSuccess && isSame ? 'Saved.' : ''}</span>
      </div>
    </form>
  );
}
