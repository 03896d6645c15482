import { describe, expect, it } from 'vitest';
import type { LoginItem } from '../../electron/domain/desktop.ts';
import type { HealthState } from '../../electron/domain/finding.ts';
import type { JobHealth } from '../../electron/domain/health.ts';
import type { LiveRun } from '../../electron/domain/run-event.ts';
import { buildTray, percentOf, type TrayFacts, type TrayItem } from '../../electron/shell/tray-menu.ts';

const nowMs = Date.parse('2026-11-25T09:00:00Z');
const at = (text: string) => Date.parse(`2026-11-${text}:00Z`);

function health(job: string, state: HealthState, fields: Partial<JobHealth> = {}): JobHealth {
  return {
    job,
    state,
    lastGoodMs: at('25T03:19'),
    nextMs: at('26T03:17'),
    healthy: true,
    problems: [],
    findings: [],
    places: [],
    lastProvenMs: null,
    losses: [],
    unpushed: [],
    missedSlots: null,
    lastRun: null,
    staging: null,
    ...fields,
  };
}

function unwell(
  job: string,
  state: HealthState,
  kind: JobHealth['findings'][number]['kind'],
  message: string,
  fields: Partial<JobHealth> = {},
) {
  return health(job, state, { healthy: false, problems: [message], findings: [{ kind, message, about: '' }], ...fields });
}

function live(job: string, doneBytes: number | null, label = 'Compressing'): LiveRun {
  const progress = doneBytes === null ? {} : { progress: { doneBytes, totalBytes: 1000 } };
  return {
    runId: `run-${job}`,
    job,
    status: 'running',
    warnings: [],
    steps: [{ step: 'compress', label, startedAtMs: nowMs, ...progress }],
  };
}

function facts(changes: Partial<TrayFacts> = {}): TrayFacts {
  const loginItem: LoginItem = { state: 'off', message: null };
  const jobs = (changes.health ?? []).map(({ job }) => ({ name: job, paused: false, pausedUntil: null }));
  return { health: [], jobs, live: [], loginItem, isQuitting: false, nowMs, zone: 'UTC', ...changes };
}

/** The menu as a person sees it: what cannot be chosen in brackets, what is ticked with a tick, submenus behind an arrow. */
function lines(items: readonly TrayItem[]): string[] {
  return items.map((item) => {
    if (item.kind === 'line') return '---';
    if (item.kind === 'text') return `[${item.label}]`;
    if (item.kind === 'menu') return `${item.label} >`;
    return `${item.isChecked === true ? '* ' : ''}${item.label}`;
  });
}

function submenu(items: readonly TrayItem[], label: string): readonly TrayItem[] {
  const found = items.find((item) => item.kind === 'menu' && item.label.startsWith(label));
  if (found?.kind !== 'menu') throw new Error(`there is no menu ${label}: ${lines(items).join(', ')}`);
  return found.items;
}

const states: readonly (readonly [string, TrayFacts, { state: HealthState; percent: number | null; head: string; job: string }])[] = [
  [
    'everything is well',
    facts({ health: [health('notes', 'good')] }),
    { state: 'good', percent: null, head: 'All good: notes backed up 03:19 today, next 03:17 tomorrow', job: 'notes, 03:19 today' },
  ],
  [
    'a run is under way',
    facts({ health: [health('notes', 'running')], live: [live('notes', 425)] }),
    { state: 'running', percent: 42, head: 'notes is being backed up; last backed up 03:19 today', job: 'notes, Compressing 42%' },
  ],
  [
    'a run has only begun',
    facts({ health: [health('notes', 'running')], live: [{ ...live('notes', null), steps: [] }] }),
    { state: 'running', percent: null, head: 'notes is being backed up; last backed up 03:19 today', job: 'notes, under way' },
  ],
  [
    'something wants a look',
    facts({ health: [unwell('notes', 'warning', 'warning', 'usb is full in 3 days, as it has filled lately')] }),
    {
      state: 'warning',
      percent: null,
      head: 'notes: usb is full in 3 days, as it has filled lately',
      job: 'notes, 03:19 today: needs a look',
    },
  ],
  [
    'a run has failed',
    facts({ health: [unwell('notes', 'failed', 'run-failed', 'the last run failed: usb is not there', { lastGoodMs: at('24T03:19') })] }),
    { state: 'failed', percent: null, head: 'notes: the last run failed: usb is not there', job: 'notes, 03:19 yesterday: failed' },
  ],
  [
    'nothing was backed up yet',
    facts({ health: [unwell('notes', 'failed', 'stale', 'no verified snapshot at usb yet', { lastGoodMs: null })] }),
    { state: 'failed', percent: null, head: 'notes: no verified snapshot at usb yet', job: 'notes, not backed up yet: failed' },
  ],
  [
    'somebody has to sign in',
    facts({ health: [unwell('notes', 'sign-in', 'sign-in', 'the sign-in of drive has ended')] }),
    { state: 'sign-in', percent: null, head: 'notes: the sign-in of drive has ended', job: 'notes, 03:19 today: sign-in needed' },
  ],
  [
    'everything is paused',
    facts({
      health: [health('notes', 'paused', { nextMs: null })],
      jobs: [{ name: 'notes', paused: true, pausedUntil: '2026-11-25T10:00:00.000Z' }],
    }),
    { state: 'paused', percent: null, head: 'Paused: notes', job: 'notes, 03:19 today: paused until 10:00 today' },
  ],
  [
    'a restore is under way beside a job that is well',
    facts({ health: [health('notes', 'good')], live: [live('notes', 990, 'Fetching')] }),
    { state: 'running', percent: 99, head: 'All good: notes backed up 03:19 today, next 03:17 tomorrow', job: 'notes, Fetching 99%' },
  ],
];

describe('the tray', () => {
  it.each(states)('when %s', (_, given, { head, job, percent, state }) => {
    const view = buildTray(given);
    expect({ state: view.state, percent: view.percent, lines: lines(view.items).slice(0, 3) }).toEqual({
      state,
      percent,
      lines: [`[${head}]`, '---', `${job} >`],
    });
    const [run] = given.live;
    const step = run?.steps.at(-1)?.label ?? 'under way';
    const tail = run === undefined ? '' : ` (${step}${percent === null ? '' : ` ${percent}%`})`;
    expect(view.sentence).toBe(head + tail);
  });

  it('has the whole menu in this order', () => {
    const { items } = buildTray(facts({ health: [health('notes', 'good'), health('wiki', 'good')] }));
    expect(lines(items).slice(1)).toEqual([
      '---',
      'notes, 03:19 today >',
      'wiki, 03:19 today >',
      '---',
      'Restore…',
      'Open Nightjar',
      'Pause everything for… >',
      '---',
      'Start at login',
      'Quit Nightjar',
    ]);
  });

  it('has no lines of jobs, and nothing to pause, before there is a job', () => {
    const { items, state } = buildTray(facts());
    expect([state, lines(items)]).toEqual([
      'good',
      ['[No jobs yet]', '---', 'Restore…', 'Open Nightjar', '---', 'Start at login', 'Quit Nightjar'],
    ]);
  });

  it('says of each job what is known, and does what can be done', () => {
    const { items } = buildTray(facts({ health: [unwell('notes', 'failed', 'run-failed', 'the last run failed: usb is not there')] }));
    const inner = submenu(items, 'notes');
    expect(lines(inner)).toEqual([
      '[Last good: 03:19 today]',
      '[Next: 03:17 tomorrow]',
      '[the last run failed: usb is not there]',
      '---',
      'Back up now',
      'Pause for 1 hour',
      'Pause until tomorrow',
      'Pause until resumed',
      'Restore…',
      'Open',
    ]);
    expect(inner.flatMap((item) => (item.kind === 'action' ? item.action : []))).toEqual([
      { kind: 'back-up', job: 'notes' },
      { kind: 'pause', jobs: ['notes'], until: '1h' },
      { kind: 'pause', jobs: ['notes'], until: 'tomorrow' },
      { kind: 'pause', jobs: ['notes'], until: null },
      { kind: 'open', route: '#/restore?window&job=notes' },
      { kind: 'open', route: '#/history?job=notes' },
    ]);
  });

  it('cancels what is under way instead of starting it again', () => {
    const { items } = buildTray(facts({ health: [health('notes', 'running')], live: [live('notes', 1)] }));
    expect(submenu(items, 'notes')[3]).toEqual({ kind: 'action', label: 'Cancel', action: { kind: 'cancel', run: 'run-notes' } });
  });

  it('pauses what is not paused, and resumes what is', () => {
    const { items } = buildTray(
      facts({
        health: [health('notes', 'paused', { nextMs: null }), health('wiki', 'good')],
        jobs: [
          { name: 'notes', paused: true, pausedUntil: null },
          { name: 'wiki', paused: false, pausedUntil: null },
        ],
      }),
    );
    expect(lines(items)).toContain('notes, 03:19 today: paused >');
    expect(lines(submenu(items, 'notes'))).toContain('Resume');
    expect(submenu(items, 'Pause everything').map((item) => (item.kind === 'action' ? [item.label, item.action] : []))).toEqual([
      ['1 hour', { kind: 'pause', jobs: ['wiki'], until: '1h' }],
      ['Until tomorrow', { kind: 'pause', jobs: ['wiki'], until: 'tomorrow' }],
      ['Until resumed', { kind: 'pause', jobs: ['wiki'], until: null }],
    ]);
    expect(items).toContainEqual({ kind: 'action', label: 'Resume everything', action: { kind: 'resume', jobs: ['notes'] } });
  });

  it.each<[LoginItem, string[]]>([
    [{ state: 'on', message: null }, ['* Start at login']],
    [{ state: 'off', message: null }, ['Start at login']],
    [
      { state: 'needs-approval', message: 'macOS waits for you to allow it' },
      ['* Start at login', '[macOS waits for you to allow it]', 'Allow it in the settings…'],
    ],
    [{ state: 'unavailable', message: 'only the installed app can' }, []],
  ])('shows the login item as the system has it: %j', (loginItem, expected) => {
    const shown = lines(buildTray(facts({ loginItem })).items);
    expect(shown.slice(shown.lastIndexOf('---') + 1, -1)).toEqual(expected);
  });

  it.each([
    [false, [], ['Quit Nightjar']],
    [false, [live('notes', 1)], ['Quit when notes is at a safe point…']],
    [true, [live('notes', 1)], ['[Quits when notes is at a safe point]', 'Quit at once']],
    [true, [], ['[Nightjar is about to quit]', 'Quit at once']],
  ])('says what quitting waits for (asked for: %j)', (isQuitting, under, expected) => {
    const shown = lines(buildTray(facts({ isQuitting, live: under })).items);
    expect(shown.slice(-expected.length)).toEqual(expected);
  });

  it('shortens what is too long for a menu', () => {
    const { items, sentence } = buildTray(facts({ health: [unwell('notes', 'failed', 'run-failed', 'x'.repeat(300))] }));
    const [head] = items;
    expect(head).toEqual({ kind: 'text', label: `notes: ${'x'.repeat(92)}…` });
    expect(sentence.length).toBe(307);
  });

  it.each([
    [[], null],
    [[live('a', null)], null],
    [[live('a', 0)], 0],
    [[live('a', 999), live('b', 10)], 1],
    [[live('a', 5000)], 100],
  ])('shows the percentage of what is furthest behind: %j', (runs, percent) => {
    expect(percentOf(runs)).toBe(percent);
  });
});
