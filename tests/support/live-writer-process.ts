import Database from 'better-sqlite3';
import type { WriterCommand, WriterMessage } from './live-writer.ts';
import { startRandom, startWriting } from './sample-content.ts';
import { prepareTransfers } from './sample-databases.ts';

const [path = '', everyMs = '5'] = process.argv.slice(2);
const noteChars = 600;

function send(message: WriterMessage, then?: () => void): void {
  process.send?.(message, undefined, {}, then);
}

/** A transfer and a note, in one transaction: three new notes, then one change to an old one. */
function prepareCommit(database: Database.Database): () => void {
  const random = startRandom(process.pid);
  const write = startWriting(random);
  const transfer = prepareTransfers(database, random);
  const lastNote = database.prepare<[], number>('SELECT max(id) FROM notes').pluck();
  const addNote = database.prepare('INSERT INTO notes (title, body, changed_at) VALUES (?, ?, ?)');
  const countNote = database.prepare("UPDATE meta SET value = value + 1 WHERE key = 'notes'");
  const changeNote = database.prepare('UPDATE notes SET body = ?, changed_at = ? WHERE id = ?');
  let commits = 0;
  const commit = database.transaction(() => {
    transfer();
    if (++commits % 4 === 0) {
      changeNote.run(write.body(noteChars), Date.now(), 1 + random.below(lastNote.get() ?? 1));
    } else {
      addNote.run(write.title(), write.body(noteChars), Date.now());
      countNote.run();
    }
  });
  return () => commit.immediate();
}

function write(database: Database.Database): void {
  const commit = prepareCommit(database);
  const intervalMs = Number(everyMs);
  let commits = 0;
  let worstCommitMs = 0;
  let cpuAtResume = process.cpuUsage();
  let dueMs = 0;
  let timer: NodeJS.Timeout | undefined;

  const commitNext = () => {
    const startedMs = performance.now();
    commit();
    const endedMs = performance.now();
    commits++;
    worstCommitMs = Math.max(worstCommitMs, endedMs - startedMs);
    if (commits === 1) send({ type: 'ready' });
    // After a commit that had to wait, the next is due at once, but those that were missed are not made up for.
    dueMs = Math.max(dueMs + intervalMs, endedMs);
    timer = setTimeout(guard(commitNext), dueMs - endedMs);
  };
  const pause = (): WriterMessage => {
    clearTimeout(timer);
    database.pragma('wal_checkpoint(TRUNCATE)');
    const { user, system } = process.cpuUsage(cpuAtResume);
    return { type: 'paused', commits, worstCommitMs, cpuMs: (user + system) / 1000 };
  };
  const obey: Record<WriterCommand, () => void> = {
    pause: () => send(pause()),
    resume: () => {
      commits = 0;
      worstCommitMs = 0;
      cpuAtResume = process.cpuUsage();
      dueMs = performance.now();
      commitNext();
    },
    stop: () => {
      const report = pause();
      database.close();
      send(report, () => process.exit(0));
    },
  };
  process.on('message', (command: WriterCommand) => guard(obey[command])());
  obey.resume();
}

/** A writer that fails says so instead of going on without being noticed. */
function guard(work: () => void): () => void {
  return () => {
    try {
      work();
    } catch (error) {
      send({ type: 'failed', message: error instanceof Error ? error.message : String(error) }, () => process.exit(1));
    }
  };
}

process.on('disconnect', () => process.exit(0));
guard(() => {
  const database = new Database(path, { fileMustExist: true, timeout: 10_000 });
  database.pragma('synchronous = NORMAL');
  write(database);
})();
