import { useState } from 'react';
import { cronOf, type Rhythm, readRhythm, weekdayNames } from '../../../electron/domain/rhythm.ts';
import { defaultCron, type Schedule } from '../../../electron/domain/schedule.ts';
import { InlineNumber, InlineSelect, InlineText, InlineTime } from './inline-inputs.tsx';

interface ScheduleInputProps {
  readonly schedule: Schedule;
  readonly isInvalid: boolean;
  readonly onChange: (schedule: Schedule) => void;
}

const choices: readonly (readonly [Rhythm['every'], string])[] = [
  ['minutes', 'every so many minutes:'],
  ['hour', 'every hour'],
  ['day', 'every day'],
  ['weekday', 'Monday to Friday'],
  ['week', 'every week'],
  ['month', 'every month'],
  ['cron', 'by a cron expression:'],
];

/** When a job is due, as the end of a sentence. It keeps what is typed; whoever puts another schedule in its place gives it another key. */
export function ScheduleInput({ isInvalid, onChange, schedule }: ScheduleInputProps) {
  const [rhythm, setRhythm] = useState(() => readRhythm(schedule.cron));
  const change = (next: Rhythm) => {
    setRhythm(next);
    onChange({ ...schedule, cron: cronOf(next) });
  };
  return (
    <>
      <InlineSelect label="How often" options={choices} value={rhythm.every} onChange={(every) => change(rhythmOf(every, rhythm))} />{' '}
      <RhythmInput rhythm={rhythm} isInvalid={isInvalid} onChange={change} />
    </>
  );
}

function RhythmInput(props: { readonly rhythm: Rhythm; readonly isInvalid: boolean; readonly onChange: (rhythm: Rhythm) => void }) {
  const { isInvalid, onChange, rhythm } = props;
  switch (rhythm.every) {
    case 'minutes':
      return (
        <InlineSelect
          label="Minutes"
          options={minuteSteps.map((step) => [`${step}`, `${step} minutes`])}
          value={`${rhythm.minutes}`}
          onChange={(minutes) => onChange({ ...rhythm, minutes: Number(minutes) })}
        />
      );
    case 'hour':
      return (
        <>
          at{' '}
          <InlineNumber
            label="Minute of the hour"
            isInvalid={isInvalid}
            value={rhythm.minute}
            onChange={(minute) => onChange({ ...rhythm, minute })}
          />{' '}
          past
        </>
      );
    case 'week':
      return (
        <>
          on{' '}
          <InlineSelect
            label="Day of the week"
            options={weekdayNames.map((name, day) => [`${day}`, name])}
            value={`${rhythm.weekday}`}
            onChange={(weekday) => onChange({ ...rhythm, weekday: Number(weekday) })}
          />{' '}
          <AtTime {...props} rhythm={rhythm} />
        </>
      );
    case 'month':
      return (
        <>
          on day{' '}
          <InlineNumber
            label="Day of the month"
            isInvalid={isInvalid}
            value={rhythm.day}
            onChange={(day) => onChange({ ...rhythm, day })}
          />{' '}
          <AtTime {...props} rhythm={rhythm} />
        </>
      );
    case 'cron':
      return (
        <InlineText label="Cron expression" isInvalid={isInvalid} value={rhythm.cron} onChange={(cron) => onChange({ ...rhythm, cron })} />
      );
    default:
      return <AtTime {...props} rhythm={rhythm} />;
  }
}

type TimedRhythm = Extract<Rhythm, { readonly time: string }>;

function AtTime({
  isInvalid,
  onChange,
  rhythm,
}: {
  readonly rhythm: TimedRhythm;
  readonly isInvalid: boolean;
  readonly onChange: (rhythm: Rhythm) => void;
}) {
  return (
    <>
      at <InlineTime label="Time of day" isInvalid={isInvalid} value={rhythm.time} onChange={(time) => onChange({ ...rhythm, time })} />
    </>
  );
}

const minuteSteps = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];

/** Another rhythm with as much of the former one as fits. */
function rhythmOf(every: Rhythm['every'], before: Rhythm): Rhythm {
  const timed = [before, readRhythm(defaultCron)].find((rhythm) => 'time' in rhythm);
  const time = timed?.time ?? '';
  switch (every) {
    case 'minutes':
      return { every, minutes: 15 };
    case 'hour':
      return { every, minute: 0 };
    case 'day':
    case 'weekday':
      return { every, time };
    case 'week':
      return { every, time, weekday: 0 };
    case 'month':
      return { every, time, day: 1 };
    case 'cron':
      return { every, cron: cronOf(before) };
  }
}
