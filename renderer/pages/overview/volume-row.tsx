import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import type { NextNeed, VolumeGauge } from '../../../electron/domain/volume-gauge.ts';
import { engine, isInApp } from '../../client.ts';
import { useNow, zone } from '../../clock.ts';
import { failureOf } from '../../failure.ts';
import { Gauge } from '../../parts/gauge.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { routeTo } from '../../route.ts';
import styles from './disk-guard.module.css';
import { describeVolume, nameVolume } from './volume-words.ts';

const marks = { ok: 'good', warn: 'warning', refuse: 'failed' } as const;
const markWords = { ok: 'Enough room', warn: 'Room is tight', refuse: 'Not enough room' };

interface VolumeRowProps {
  readonly gauge: VolumeGauge;
  readonly jobs: readonly JobHealth[];
}

/** One volume: how full it is, what the next run writes, the reserve, and what to do where that does not go together. */
export function VolumeRow({ gauge, jobs }: VolumeRowProps) {
  const nowMs = useNow();
  const [isOpen, setOpen] = useState(false);
  const { largest, sentence } = describeVolume(gauge, jobs, nowMs, zone);
  const { freeBytes, path, reserveBytes, totalBytes, verdict } = gauge;
  const label = `${nameVolume(path)}: ${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)}. ${sentence}`;
  return (
    <li className={styles.place} data-verdict={verdict} aria-label={path}>
      <StatusMark mark={marks[verdict]} label={markWords[verdict]} />
      <span className={styles.name} title={path}>
        {nameVolume(path)}
      </span>
      <Gauge
        label={label}
        {...{ totalBytes, reserveBytes, verdict }}
        usedBytes={totalBytes - freeBytes}
        part={{ bytes: largest?.needBytes ?? 0, kind: 'next' }}
      />
      <span className={styles.free}>
        {formatBytes(freeBytes)} free{largest === null ? '' : `, next run ${formatBytes(largest.needBytes)}`}
      </span>
      <p className={styles.sentence}>{sentence}</p>
      <Remedies gauge={gauge} isOpen={isOpen} largest={largest} onOpen={() => setOpen(!isOpen)} />
      {isOpen ? <Writes next={gauge.next} /> : null}
    </li>
  );
}

interface RemediesProps {
  readonly gauge: VolumeGauge;
  readonly largest: NextNeed | null;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

function Remedies({ gauge: { freeBytes, path, verdict }, isOpen, largest, onOpen }: RemediesProps) {
  const trigger = useMutation(engine.jobs.trigger.mutationOptions());
  const reveal = useMutation(engine.desktop.reveal.mutationOptions());
  const failure = trigger.error ?? reveal.error;
  if (verdict === 'ok' || largest === null) return null;
  const isReserveInTheWay = verdict === 'refuse' && freeBytes >= largest.needBytes;
  return (
    <div className={styles.actions}>
      {verdict === 'refuse' ? (
        <Button variant="light" size="compact-xs" loading={trigger.isPending} onClick={() => trigger.mutate({ job: largest.job })}>
          Try {largest.job} now
        </Button>
      ) : null}
      <Button variant="subtle" size="compact-xs" aria-expanded={isOpen} onClick={onOpen}>
        Show what uses the space
      </Button>
      {isReserveInTheWay ? (
        <Button component="a" variant="subtle" size="compact-xs" href={routeTo('settings')}>
          Change the reserve
        </Button>
      ) : null}
      {isInApp ? (
        <Button variant="subtle" size="compact-xs" onClick={() => reveal.mutate({ path })}>
          Show the disk
        </Button>
      ) : null}
      {failure === null ? null : <span role="alert">{failureOf(failure).message}</span>}
      {verdict === 'refuse' && isStagedHere(largest) ? (
        <p className={styles.hint}>
          Snapshots are made in Nightjar’s data folder, which is on this disk. It can be on another one: move it there, and start Nightjar
          with NIGHTJAR_HOME as its new place.
        </p>
      ) : null}
    </div>
  );
}

/** The guard calls the writes of the staging folder so. */
function isStagedHere({ writes }: NextNeed): boolean {
  return writes.some(({ what }) => what === 'copy of the database');
}

/** What each next run writes there, by what it is. */
function Writes({ next }: { readonly next: readonly NextNeed[] }) {
  return (
    <table className={styles.writes} aria-label="What the next runs write here">
      <tbody>
        {next.flatMap(({ job, writes }) =>
          writes.map(({ bytes, what }) => (
            <tr key={`${job} ${what}`}>
              <th scope="row">{job}</th>
              <td>{what}</td>
              <td>{formatBytes(bytes)}</td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  );
}
