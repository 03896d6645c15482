import Database from 'better-sqlite3';
import type { ApplicationCommand } from './application.ts';
import { spendDay } from './days.ts';

const database = new Database(process.argv[2] ?? '', { fileMustExist: true });
database.pragma('synchronous = OFF');
// A database in WAL mode is opened by the first statement that reads it.
database.prepare('SELECT count(*) FROM sqlite_schema').get();

process.on('message', ({ day, seed }: ApplicationCommand) => {
  spendDay(database, day, seed);
  process.send?.('done');
});
process.on('disconnect', () => {
  database.close();
  process.exit(0);
});
process.send?.('ready');
