import { setImmediate as yieldToEvents } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type Random, startRandom } from './sample-content.ts';
import { prepareTransfers } from './sample-databases.ts';

const [path = '', seed = '1'] = process.argv.slice(2);

/** What a wild writer does between two transfers, by its chance in a hundred. */
function prepareWildness(database: Database.Database, random: Random): readonly (readonly [percent: number, act: () => void])[] {
  const addBallast = database.prepare('INSERT INTO ballast (content) VALUES (randomblob(?))');
  const countBallast = database.prepare("UPDATE meta SET value = (SELECT count(*) FROM ballast) WHERE key = 'ballast'");
  const dropBallast = database.prepare('DELETE FROM ballast WHERE id % 3 <> ?');
  const scribble = database.prepare("UPDATE ledger SET reason = reason || ' never' WHERE id % 5 = 0");
  const grow = database.transaction(() => {
    for (let left = random.below(60); left > 0; left--) addBallast.run(1 + random.below(12_000));
    countBallast.run();
  });
  const shrink = database.transaction(() => {
    dropBallast.run(random.below(4));
    countBallast.run();
  });
  const giveUp = () => {
    database.exec('BEGIN IMMEDIATE');
    // More than the cache holds: pages that will never be committed reach the log, or the file itself.
    scribble.run();
    database.exec('ROLLBACK');
  };
  const checkpoint = (mode: string) => () => void database.pragma(`wal_checkpoint(${mode})`);
  return [
    [12, grow],
    [4, shrink],
    [3, giveUp],
    [3, checkpoint('PASSIVE')],
    [2, checkpoint('FULL')],
    [2, checkpoint('RESTART')],
    [2, checkpoint('TRUNCATE')],
  ];
}

async function write(database: Database.Database, random: Random): Promise<void> {
  const transfer = database.transaction(prepareTransfers(database, random));
  const wildness = prepareWildness(database, random);
  for (let commits = 1; ; commits++) {
    transfer.immediate();
    let dice = random.below(100);
    for (const [percent, act] of wildness) {
      if (dice >= 0 && dice < percent) act();
      dice -= percent;
    }
    if (commits % 20 === 0) {
      process.send?.({ commits });
      // So that it hears when it is over.
      await yieldToEvents();
    }
  }
}

process.on('disconnect', () => process.exit(0));
const database = new Database(path, { fileMustExist: true, timeout: 60_000 });
database.pragma('synchronous = OFF');
database.pragma('cache_size = 20');
database.pragma(`wal_autocheckpoint = ${Number(seed) % 2 === 0 ? 8 : 400}`);
// SQLite's answer to a checkpoint that others keep from its end is no error.
await write(database, startRandom(Number(seed)));
