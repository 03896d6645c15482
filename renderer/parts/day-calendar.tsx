import { type CSSProperties, type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { type CalendarDay, dayStates } from '../../electron/domain/calendar.ts';
import { dayWords, layOutDays, sayDay, stepOf } from '../calendar-grid.ts';
import styles from './day-calendar.module.css';

interface DayCalendarProps {
  /** Any number of days that follow each other without a gap, oldest first. */
  readonly days: readonly CalendarDay[];
  /** The day that is open now: `2026-11-25`. */
  readonly picked?: string | null;
  readonly onPick?: (day: CalendarDay) => void;
  /** What the calendar is of, as it is spoken. */
  readonly label?: string;
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/**
 * One cell a day, weeks as columns. Each state has a shape of its own beside its colour. The arrow keys move by days and weeks, Page Up
 * and Page Down by four weeks, Home and End to either end; Enter picks.
 */
export function DayCalendar({ days, label = 'Calendar of backups', onPick, picked = null }: DayCalendarProps) {
  const grid = useMemo(() => layOutDays(days), [days]);
  const table = useRef<HTMLTableElement>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const isShown = (day: string | null) => day !== null && days.some((each) => each.day === day);
  const current = [wanted, picked].find(isShown) ?? days.at(-1)?.day;

  const move = (event: KeyboardEvent) => {
    const at = days.findIndex(({ day }) => day === current);
    const next = days[stepOf(event.key, at, days.length) ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    setWanted(next.day);
    table.current?.querySelector<HTMLElement>(`[data-day="${next.day}"]`)?.focus();
  };
  const pick = (day: CalendarDay) => {
    setWanted(day.day);
    onPick?.(day);
  };

  return (
    <table
      aria-label={label}
      ref={table}
      className={styles.calendar}
      style={{ '--weeks': grid.rows[0]?.length ?? 0 } as CSSProperties}
      onKeyDown={move}
    >
      <Months months={grid.months} />
      <tbody>
        {grid.rows.map((row, weekday) => (
          <tr key={weekdays[weekday]}>
            <th scope="row" className={styles.weekday} data-quiet={weekday % 2 === 1 || undefined}>
              {weekdays[weekday]}
            </th>
            {row.map((day, week) => (
              // Before the first day and after the last there is nothing to tell the weeks apart by.
              <td key={day?.day ?? `week ${String(week)}`}>
                {day === null ? null : <Cell day={day} isCurrent={day.day === current} isPicked={day.day === picked} onPick={pick} />}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Months({ months }: { readonly months: ReturnType<typeof layOutDays>['months'] }) {
  let week = 0;
  return (
    <thead aria-hidden="true">
      <tr>
        <td className={styles.corner} />
        {months.map(({ name, weeks }) => {
          const at = week;
          week += weeks;
          return (
            <td key={at} colSpan={weeks} className={styles.month}>
              {weeks > 2 ? name : ''}
            </td>
          );
        })}
      </tr>
    </thead>
  );
}

interface CellProps {
  readonly day: CalendarDay;
  readonly isCurrent: boolean;
  readonly isPicked: boolean;
  readonly onPick: (day: CalendarDay) => void;
}

function Cell({ day, isCurrent, isPicked, onPick }: CellProps) {
  const said = sayDay(day);
  return (
    <button
      type="button"
      className={styles.cell}
      data-day={day.day}
      data-state={day.state}
      data-picked={isPicked || undefined}
      tabIndex={isCurrent ? 0 : -1}
      aria-label={said}
      aria-pressed={isPicked}
      title={said}
      onClick={() => onPick(day)}
    />
  );
}

/** What the cells of a calendar mean. */
export function DayLegend() {
  return (
    <ul className={styles.legend} aria-label="What the cells mean">
      {dayStates.toReversed().map((state) => (
        <li key={state}>
          <span className={styles.cell} data-state={state} aria-hidden="true" />
          {dayWords[state]}
        </li>
      ))}
    </ul>
  );
}
