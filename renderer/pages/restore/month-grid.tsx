import { ActionIcon } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { counted } from '../../../electron/domain/units.ts';
import { formatLongDay } from '../../format.ts';
import { dayByKey, monthOf, type RestoreDay, weeksOf } from './month.ts';
import styles from './month-grid.module.css';

const weekdays = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];
const monthName = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });

interface MonthGridProps {
  /** The days that can be picked, oldest first. */
  readonly days: readonly RestoreDay[];
  readonly picked: string | null;
  readonly onPick: (day: RestoreDay) => void;
}

/**
 * The days of a month on which there is something to be brought back, darker where it is verified. One stop of the Tab key: the arrows go
 * from one such day to the next, Page Up and Page Down to other months.
 */
export function MonthGrid({ days, onPick, picked }: MonthGridProps) {
  const table = useRef<HTMLTableElement>(null);
  const [shown, setShown] = useState<string | null>(null);
  const [reached, setReached] = useState<string | null>(null);
  const [followed, setFollowed] = useState(picked);
  // What was picked elsewhere is gone to; its month is shown.
  if (picked !== followed) {
    setFollowed(picked);
    setShown(null);
    setReached(null);
  }
  const names = days.map(({ day }) => day);
  const month = shown ?? monthOf(picked ?? names.at(-1) ?? '1970-01');
  const inMonth = names.filter((day) => monthOf(day) === month);
  const current = [reached, picked].find((day) => day !== null && inMonth.includes(day)) ?? inMonth.at(-1) ?? null;
  const [first = month] = names.map(monthOf);
  const last = monthOf(names.at(-1) ?? month);

  const move = (event: KeyboardEvent) => {
    const next = current === null ? null : dayByKey(event.key, current, names);
    if (next === null) return;
    event.preventDefault();
    setReached(next);
    setShown(monthOf(next));
    // The month that it is in may not be drawn yet.
    requestAnimationFrame(() => table.current?.querySelector<HTMLElement>(`[data-day="${next}"]`)?.focus());
  };
  const turn = (by: -1 | 1) => setShown(byMonths(month, by));

  return (
    <>
      <div className={styles.head}>
        <ActionIcon variant="subtle" size="sm" aria-label="The month before" disabled={month <= first} onClick={() => turn(-1)}>
          <IconChevronLeft size={16} aria-hidden />
        </ActionIcon>
        <span className={styles.name} aria-live="polite">
          {monthName.format(Date.parse(`${month}-01T00:00:00Z`))}
        </span>
        <ActionIcon variant="subtle" size="sm" aria-label="The month after" disabled={month >= last} onClick={() => turn(1)}>
          <IconChevronRight size={16} aria-hidden />
        </ActionIcon>
      </div>
      <table ref={table} className={styles.grid} aria-label="Days that can be brought back" onKeyDown={move}>
        <thead>
          <tr>
            {weekdays.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month).map((week, at) => (
            <tr key={week.find((day) => day !== null) ?? at}>
              {week.map((day, weekday) => (
                <td key={day ?? `beside ${weekdays[weekday]}`}>
                  <Cell
                    day={day}
                    found={days.find((each) => each.day === day)}
                    isCurrent={day === current}
                    isPicked={day !== null && day === picked}
                    onPick={(found) => {
                      setReached(found.day);
                      onPick(found);
                    }}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

interface CellProps {
  readonly day: string | null;
  readonly found: RestoreDay | undefined;
  readonly isCurrent: boolean;
  readonly isPicked: boolean;
  readonly onPick: (day: RestoreDay) => void;
}

function Cell({ day, found, isCurrent, isPicked, onPick }: CellProps) {
  if (day === null) return null;
  const number = Number(day.slice(8));
  if (found === undefined) return <span className={styles.empty}>{number}</span>;
  const { isVerified, snapshots } = found;
  return (
    <button
      type="button"
      className={styles.day}
      data-day={day}
      data-verified={isVerified || undefined}
      aria-pressed={isPicked}
      aria-label={`${formatLongDay(day)}: ${counted(snapshots, 'snapshot')}, ${isVerified ? 'verified' : 'not verified'}`}
      tabIndex={isCurrent ? 0 : -1}
      onClick={() => onPick(found)}
    >
      {number}
    </button>
  );
}

function byMonths(month: string, by: number): string {
  const date = new Date(`${month}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + by);
  return date.toISOString().slice(0, 7);
}
