import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { type KeyboardEvent, useRef, useState } from 'react';
import styles from './rail.module.css';

/** One that can be chosen in a list at the side. */
export interface RailEntry {
  readonly key: string;
  readonly href: string;
  readonly name: string;
  /** Beside the name, and quieter. */
  readonly about: string;
  readonly mark: ReactNode;
}

interface RailListProps {
  readonly label: string;
  readonly entries: readonly RailEntry[];
  readonly current: string | null;
  /** How many are shown before the rest is asked for. */
  readonly limit?: number;
}

/** A list of links of which one is open. One stop of the Tab key: the arrows go up and down in it. */
export function RailList({ current, entries, label, limit = 40 }: RailListProps) {
  const list = useRef<HTMLUListElement>(null);
  const [isAll, setAll] = useState(false);
  const shown = isAll ? entries : entries.slice(0, Math.max(limit, 1 + entries.findIndex(({ key }) => key === current)));
  const stop = shown.some(({ key }) => key === current) ? current : shown[0]?.key;

  const move = (event: KeyboardEvent) => {
    const links = [...(list.current?.querySelectorAll('a') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const steps: Readonly<Record<string, number>> = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: links.length - 1 };
    const next = links[steps[event.key] ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };

  return (
    <nav aria-label={label}>
      <ul ref={list} className={styles.list} onKeyDown={move}>
        {shown.map(({ about, href, key, mark, name }) => (
          <li key={key}>
            <a href={href} className={styles.entry} aria-current={key === current} tabIndex={key === stop ? 0 : -1}>
              {mark}
              <span className={styles.name}>{name}</span>
              <span className={styles.about}>{about}</span>
            </a>
          </li>
        ))}
      </ul>
      {shown.length < entries.length ? (
        <Button variant="subtle" size="compact-xs" onClick={() => setAll(true)}>
          {`Show all ${String(entries.length)}`}
        </Button>
      ) : null}
    </nav>
  );
}
