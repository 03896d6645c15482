import { execFile } from 'node:child_process';
import { appendFile, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { type Job, jobSchema, type Run, type RunStep, type SqliteJob } from '../../electron/domain/model.ts';
import { type Engine, openEngine } from '../../electron/engine/engine.ts';
import { locateHome } from '../../electron/engine/home.ts';
import { drillJob } from '../../electron/engine/operations/drill.ts';
import { restoreNamed } from '../../electron/engine/operations/restore-named.ts';
import { runJob } from '../../electron/engine/operations/run-job.ts';
import { setUpStore } from '../../electron/engine/operations/set-up-store.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { CliSandbox } from '../support/cli.ts';
import type { DriveServer } from '../support/drive-server.ts';
import { startRandom, startWriting } from '../support/sample-content.ts';
import { addDriveDestination } from '../support/test-drive.ts';
import { addFolderDestination, testPorts } from '../support/test-engine.ts';

const dayMs = 86_400_000;
export const zone = 'Europe/Berlin';

/** Where everything of the story is, in the home folder of its person. */
export interface Story {
  readonly brain: string;
  readonly measurements: string;
  readonly wiki: string;
  readonly usb: string;
  /** What the person's own git starts from. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface StoryOptions {
  /** How many days of it there are; the last is yesterday or today. */
  readonly days: number;
  /** Megabytes of notes at its end. */
  readonly megabytes: number;
}

/**
 * Tells a year of somebody's backups by the engine itself, under a clock that stands in the past: a database of notes that grows, at a disk
 * and in Drive; measurements, in Drive alone; a wiki in git. Days whose snapshots would have expired have only their runs.
 */
export async function writeStory(box: CliSandbox, server: DriveServer, { days, megabytes }: StoryOptions): Promise<Story> {
  const place = (path: string) => box.at('ada', path);
  const story: Story = {
    brain: place('Library/brain.db'),
    measurements: place('lab/measurements.sqlite'),
    wiki: place('wiki'),
    usb: place('USB'),
    environment: { HOME: box.at('ada'), XDG_CONFIG_HOME: box.at('ada', '.config'), GIT_CONFIG_NOSYSTEM: '1', TZ: zone },
  };
  for (const path of [story.brain, story.measurements, join(story.usb, '.')]) await mkdir(dirname(path), { recursive: true });
  const clock = { ...systemClock, shiftMs: 0, now: () => systemClock.now() + clock.shiftMs };
  const environment = { ...process.env, ...story.environment };
  const engine = await openEngine(locateHome(box.home, {}), testPorts({ clock, environment, host: hostname(), program: 'nightjar 0.1.0' }));
  try {
    const jobs = await setUp(engine, server, story);
    const writer = startNotes(story, (megabytes * 400_000) / days);
    writer.begin(megabytes * 600_000);
    for (let back = days; back >= 0; back--) {
      for (const job of jobs) {
        clock.shiftMs = slotOf(job, back, systemClock.now()) - systemClock.now();
        if (clock.shiftMs > 0) continue;
        await writer.live(back, clock.now());
        if (isKept(job, back)) await runOnDay(engine, job, back);
        else recordDay(engine, job, back, clock.now(), (1 - (back / days) * 0.4) * megabytes * 1_000_000);
      }
      if (back === 3) for (const job of jobs) await drillJob(engine, job, { trigger: 'manual' });
      if (back === 2) await restoreForALook(engine, place('Desktop/brain-yesterday.db'));
    }
  } finally {
    engine.close();
  }
  return story;
}

/** A copy that somebody looked into and threw away. */
async function restoreForALook(engine: Engine, target: string): Promise<void> {
  await restoreNamed(engine, 'notes', { target, force: false }, new AbortController().signal);
  await rm(target);
}

async function setUp(engine: Engine, server: DriveServer, story: Story): Promise<readonly Job[]> {
  await mkdir(join(dirname(story.wiki), 'Desktop'), { recursive: true });
  await addFolderDestination(engine, dirname(story.usb), 'USB');
  const account = { id: '04412365498765432101', email: 'ada@example.com' };
  await addDriveDestination(engine, server, { name: 'Drive', account, chunkBytes: 1024 * 1024 });
  await makeWiki(story);
  const rest = { retention: {}, drill: 'weekly' };
  const notes = sqliteJob('notes', story.brain, ['Drive', 'USB'], '17 3 * * *', rest);
  const measurements = sqliteJob('measurements', story.measurements, ['Drive'], '40 4 * * *', { retention: { daily: 14, monthly: 6 } });
  const wiki = jobSchema.parse({
    ...{ name: 'wiki', schedule: { cron: '42 20 * * *', zone } },
    source: { kind: 'git', path: story.wiki, stores: ['pages'], push: true },
  });
  if (wiki.source.kind !== 'git') throw new TypeError('the wiki is a git store');
  const jobs = [notes, measurements, await setUpStore(engine, wiki as Parameters<typeof setUpStore>[1], 'take')];
  engine.settings.change((settings) => ({ ...settings, jobs }));
  return jobs;
}

function sqliteJob(name: string, path: string, destinations: readonly string[], cron: string, more: object): SqliteJob {
  return jobSchema.parse({ name, schedule: { cron, zone }, source: { kind: 'sqlite', path }, destinations, ...more }) as SqliteJob;
}

/** When a job ran on a day so many days back: at night, the wiki in the evening. */
function slotOf(job: Job, back: number, nowMs: number): number {
  const night = new Date(nowMs - back * dayMs);
  const minutes = { notes: 137, measurements: 220, wiki: 19 * 60 + 42 }[job.name] ?? 0;
  return Date.UTC(night.getUTCFullYear(), night.getUTCMonth(), night.getUTCDate(), 0, minutes, 4);
}

/** About what the policies keep of each job. */
function isKept({ name }: Pick<Job, 'name'>, back: number): boolean {
  if (name === 'notes') return back <= 30 || back % 30 === 0;
  return name === 'measurements' ? back <= 14 || back % 30 === 0 : back <= 3;
}

const troubles: Readonly<Record<number, Run['error']>> = {
  5: { code: 'source-locked', message: 'the database is locked by another process', hint: 'the next run tries again' },
  96: { code: 'destination-absent', message: 'the destination USB is not there', hint: 'plug in or mount the disk' },
  97: { code: 'destination-absent', message: 'the destination USB is not there', hint: 'plug in or mount the disk' },
  211: { code: 'disk-space-low', message: 'it needs 120 MB for staging, and 84 MB is free', hint: 'make room on that disk' },
};

async function runOnDay(engine: Engine, job: Job, back: number): Promise<void> {
  if (job.name === 'notes' && troubles[back] !== undefined) recordDay(engine, job, back, engine.ports.clock.now() - 3_600_000, 0);
  await runJob(engine, { job: engine.settings.current.jobs.find(({ name }) => name === job.name) ?? job, trigger: 'schedule' });
}

/** Writes a run into the catalog as the engine would have on that day. */
function recordDay({ catalog, ports }: Engine, job: Job, back: number, startedAtMs: number, bytes: number): void {
  if (back % 53 === 17) return;
  const id = ports.ids.make('run');
  const error = job.name === 'notes' ? troubles[back] : undefined;
  catalog.startRun({ id, job: job.name, trigger: back % 19 === 7 ? 'missed' : 'schedule', startedAtMs });
  const names = job.source.kind === 'git' ? gitSteps : databaseSteps;
  let atMs = startedAtMs;
  for (const [index, [name, ms]] of (error ? names.slice(0, 1) : names).entries()) {
    catalog.startStep(id, index + 1, name, atMs);
    atMs += ms + ((back * 37) % 90);
    catalog.endStep(id, index + 1, error ? 'failed' : 'done', atMs, factsOf(name, Math.round(bytes)));
  }
  const warnings = job.name === 'notes' && back % 71 === 40 ? ['the destination USB was slow: 2 MB/s'] : [];
  const status = warnings.length > 0 ? 'warning' : 'succeeded';
  catalog.endRun(id, { status: error ? 'failed' : status, endedAtMs: atMs, warnings, ...(error ? { error } : {}) });
}

const databaseSteps: readonly (readonly [RunStep['name'], number])[] = [
  ['guard', 140],
  ['snapshot', 420],
  ['check', 610],
  ['compress', 1900],
  ['send', 2300],
  ['verify', 260],
  ['record', 20],
];
const gitSteps: readonly (readonly [RunStep['name'], number])[] = [
  ['guard', 90],
  ['commit', 160],
  ['push', 900],
  ['record', 10],
];

function factsOf(name: RunStep['name'], bytes: number): RunStep['facts'] {
  if (name === 'snapshot') return { bytes, restarts: 0, method: 'copy', journalMode: 'wal', walGrowthBytes: 0, heldMs: 640 };
  if (name === 'compress' || name === 'send') return { bytes: Math.round(bytes * 0.38) };
  return name === 'commit' ? { commits: 1, items: 3 } : {};
}

/** What is written day by day. */
function startNotes(story: Story, bytesADay: number) {
  const { brain, measurements } = story;
  const writing = startWriting(startRandom(7));
  const notes = new Database(brain);
  notes.pragma('journal_mode = WAL');
  notes.exec(`CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE chunks (id INTEGER PRIMARY KEY, note INTEGER NOT NULL REFERENCES notes, text TEXT NOT NULL);
    CREATE TABLE links (from_note INTEGER NOT NULL, to_note INTEGER NOT NULL); CREATE TABLE tags (note INTEGER NOT NULL, name TEXT NOT NULL)`);
  const lab = new Database(measurements);
  lab.pragma('journal_mode = WAL');
  lab.exec('CREATE TABLE measurement (id INTEGER PRIMARY KEY, at TEXT NOT NULL, sensor TEXT NOT NULL, value REAL NOT NULL)');
  notes.close();
  lab.close();
  let lastBack = Number.NaN;
  const live = async (back: number, nowMs: number) => {
    if (back === lastBack) return;
    lastBack = back;
    writeNotesOf(brain, writing, bytesADay * (0.1 + ((back * 7919) % 100) / 55));
    writeMeasurementsOf(measurements, back);
    if (back % 5 === 3) await writePage(story, Math.floor(back / 5), nowMs - 5 * 3_600_000);
    // Its writers have been gone for an hour.
    for (const path of [brain, measurements]) await utimes(path, nowMs / 1000 - 3600, nowMs / 1000 - 3600);
  };
  return { begin: (bytes: number) => writeNotesOf(brain, writing, bytes), live };
}

const pages = ['home', 'garden', 'reading list', 'recipes/bread', 'recipes/soup', 'projects/shed', 'people', 'how we back up'];
const sentences = [
  'The beans went in on Sunday, a week later than last year.',
  'Dough: 500 g flour, 350 g water, 10 g salt; overnight in the cold.',
  'The shed needs a new roof before the autumn rain.',
  'Read the chapter on journals again: what is renamed last is what counts.',
  'Half an onion less, and the lemon only at the end.',
  'Measure the north side twice; the plan of 1987 is wrong there.',
  'A copy that nobody has restored is a hope, not a backup.',
  'Ask Grace about the seed potatoes.',
];

/** The person writes on a page of the wiki and commits it, at an instant. */
async function writePage({ environment, wiki }: Story, turn: number, atMs: number): Promise<void> {
  const name = pages[turn % pages.length] ?? 'home';
  const path = join(wiki, 'pages', `${name}.md`);
  await mkdir(dirname(path), { recursive: true });
  const lines = Array.from({ length: 3 + (turn % 3) }, (_, index) => sentences[(turn * 3 + index) % sentences.length]);
  await appendFile(path, `\n## ${new Date(atMs).toISOString().slice(0, 10)}\n\n${lines.join('\n')}\n`);
  const date = new Date(atMs).toISOString();
  const env = { ...process.env, ...environment, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const git = (...args: readonly string[]) => promisify(execFile)('git', [...args], { cwd: wiki, env });
  await git('add', '.');
  await git('commit', '--quiet', '-m', `${name}: ${String(lines[0]).split(/[,:;.]/)[0]}`);
}

function writeNotesOf(path: string, writing: ReturnType<typeof startWriting>, bytes: number): void {
  const database = new Database(path);
  const note = database.prepare('INSERT INTO notes (title, body) VALUES (?, ?)');
  const chunk = database.prepare('INSERT INTO chunks (note, text) VALUES (?, ?)');
  const tag = database.prepare('INSERT INTO tags VALUES (?, ?)');
  const link = database.prepare('INSERT INTO links VALUES (?, ?)');
  database.transaction(() => {
    for (let written = 0; written < bytes; ) {
      const body = writing.body(2400);
      const { lastInsertRowid } = note.run(writing.title(), body);
      for (let at = 0; at < body.length; at += 240) chunk.run(lastInsertRowid, body.slice(at, at + 240));
      if (Number(lastInsertRowid) % 3 === 0) tag.run(lastInsertRowid, ['idea', 'garden', 'work', 'reading'][Number(lastInsertRowid) % 4]);
      link.run(lastInsertRowid, Math.max(1, Number(lastInsertRowid) - 3));
      written += body.length * 2.2;
    }
  })();
  database.close();
}

function writeMeasurementsOf(path: string, back: number): void {
  const database = new Database(path);
  const insert = database.prepare('INSERT INTO measurement (at, sensor, value) VALUES (?, ?, ?)');
  database.transaction(() => {
    for (let minute = 0; minute < 288; minute++)
      insert.run(`day ${-back} ${minute * 5}`, `sensor-${minute % 6}`, Math.sin(minute / 40) * 9 + back / 20);
  })();
  database.close();
}

async function makeWiki({ environment, wiki }: Story): Promise<void> {
  const run = promisify(execFile);
  const remote = join(dirname(wiki), 'wiki.git');
  await mkdir(join(wiki, 'pages'), { recursive: true });
  await writeFile(join(dirname(wiki), '.gitconfig'), '[init]\n\tdefaultBranch = main\n[user]\n\tname = Ada\n\temail = ada@example.com\n');
  await writeFile(join(wiki, 'pages', 'home.md'), '# Home\n\nWhere everything begins.\n');
  const git = (...args: readonly string[]) => run('git', [...args], { cwd: wiki, env: { ...process.env, ...environment } });
  await git('init', '--quiet');
  await git('init', '--quiet', '--bare', remote);
  await git('remote', 'add', 'origin', remote);
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'first');
}
