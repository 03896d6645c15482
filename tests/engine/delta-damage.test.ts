import { copyFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorFacts } from '../../electron/domain/errors.ts';
import { type PageDigests, startPageDigests } from '../../electron/engine/pipeline/page-digests.ts';
import { forkedWorkers } from '../../electron/engine/platform/workers.ts';
import { proveDelta } from '../../electron/engine/sqlite/delta-proof.ts';
import { openDelta } from '../../electron/engine/sqlite/delta-reader.ts';
import { runSqliteTask } from '../../electron/engine/sqlite/sqlite-tasks.ts';
import type { DeltaBase } from '../../electron/engine/sqlite/worker-protocol.ts';
import { changedPagesOf, describeBase, layOver } from '../support/delta-scene.ts';
import { applyEdits, makeEditedDatabase } from '../support/edit-history.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

let folder: TempFolder;
let base: DeltaBase;
let copy: Buffer;
beforeEach(async () => {
  folder = await makeTempFolder();
  makeEditedDatabase(at('base.db'), { pageSize: 1024, autoVacuum: 'NONE', encoding: 'UTF-8', journalMode: 'DELETE', rows: 600, seed: 7 });
  base = describeBase(at('base.db'));
  await copyFile(at('base.db'), at('copy.db'));
  applyEdits(
    at('copy.db'),
    [
      { do: 'update', every: 8, bytes: 100 },
      { do: 'insert', rows: 20, bytes: 500 },
    ],
    8,
  );
  copy = await readFile(at('copy.db'));
});
afterEach(() => folder[Symbol.asyncDispose]());

const at = (name: string) => join(folder.path, name);

const makeDelta = (target: string) => runSqliteTask(forkedWorkers, { kind: 'delta', path: at('copy.db'), shownAs: 'notes', base, target });

function digestsOf(bytes: Buffer): PageDigests {
  const digester = startPageDigests();
  digester.update(bytes);
  const digests = digester.finish();
  if (digests === null) throw new Error('no whole pages');
  return digests;
}

/** What the proof says of a delta file of the copy: `proven`, or the code and the message of its refusal. */
async function proof(path: string): Promise<string> {
  const baseBytes = await readFile(at('base.db'));
  try {
    proveDelta(path, digestsOf(copy), digestsOf(baseBytes).digests, changedPagesOf(baseBytes, copy, base.pageSize).length);
    return 'proven';
  } catch (error) {
    const { code, message } = errorFacts(error);
    return `${code}: ${message}`;
  }
}

/** A page that is the same in base and copy, and how many are not. */
async function findUnchanged(): Promise<[pgno: number, changedPages: number]> {
  const changed = changedPagesOf(await readFile(at('base.db')), copy, base.pageSize);
  const all = Array.from({ length: copy.length / base.pageSize }, (_, index) => index + 1);
  const unchanged = all.find((pgno) => !changed.includes(pgno));
  if (unchanged === undefined) throw new Error('all pages have changed');
  return [unchanged, changed.length];
}

function tamper(sql: string): void {
  const delta = new Database(at('copy.delta'));
  try {
    delta.exec(sql);
  } finally {
    delta.close();
  }
}

describe('the proof of a delta file', () => {
  const last = '(SELECT max(pgno) FROM page)';
  const first = '(SELECT min(pgno) FROM page)';
  it.each([
    ['a page is another one', `UPDATE page SET data = randomblob(1024) WHERE pgno = ${last}`, /: page \d+ is another one$/],
    [
      'a byte of a page is another one',
      `UPDATE page SET data = CAST(substr(data, 1, 1023) || x'ff' AS BLOB) WHERE pgno = ${first}`,
      /: page 1 is another one$/,
    ],
    [
      'a page is too short',
      `UPDATE page SET data = substr(data, 1, 1000) WHERE pgno = ${last}`,
      /what it holds as page \d+ is no page of 1024 bytes$/,
    ],
    [
      'a page is text',
      `UPDATE page SET data = hex(zeroblob(512)) WHERE pgno = ${last}`,
      /what it holds as page \d+ is no page of 1024 bytes$/,
    ],
    ['a page is missing', `DELETE FROM page WHERE pgno = ${last}`, /: page \d+ is missing$/],
    [
      'a page lies beyond the end',
      'INSERT INTO page VALUES (99999, zeroblob(1024))',
      /what it holds as page 99999 is no page of 1024 bytes$/,
    ],
    ['a page lies before the first', 'INSERT INTO page VALUES (0, zeroblob(1024))', /what it holds as page 0 is no page of 1024 bytes$/],
    [
      'a page has taken the place of another',
      `UPDATE page SET pgno = pgno + 1 WHERE pgno = (SELECT max(pgno) FROM page a WHERE NOT EXISTS (SELECT 1 FROM page b WHERE b.pgno = a.pgno + 1) AND pgno < ${last})`,
      /: one of the pages \d+ to \d+ is missing$/,
    ],
    [
      'the number of pages is another one',
      "UPDATE meta SET value = value - 1 WHERE key = 'page_count'",
      /it says \d+ pages of 1024 bytes$/,
    ],
    ['the page size is another one', "UPDATE meta SET value = 512 WHERE key = 'page_size'", /it says \d+ pages of 512 bytes$/],
    [
      'its format is another one',
      "UPDATE meta SET value = 'nightjar-delta-2' WHERE key = 'format'",
      /is none that this version reads: format: /,
    ],
    ['it says less of itself', "DELETE FROM meta WHERE key = 'recipe'", /is none that this version reads: recipe: /],
    [
      'it says more of itself',
      "INSERT INTO meta VALUES ('also', 'this')",
      /is none that this version reads: it has keys that are not known: also$/,
    ],
    ['it has no pages', 'DROP TABLE page', /is damaged: it has other tables than a delta$/],
    ['its pages are a query', 'DROP TABLE page; CREATE VIEW page AS SELECT 1 AS pgno, NULL AS data', /it has other tables than a delta$/],
  ])('finds that %s', async (_, sql, found) => {
    await makeDelta(at('copy.delta'));
    expect(await proof(at('copy.delta'))).toBe('proven');
    tamper(sql);
    expect(await proof(at('copy.delta'))).toMatch(found);
  });

  it('finds that a page is in it that did not change', async () => {
    await makeDelta(at('copy.delta'));
    const [unchanged] = await findUnchanged();
    const delta = new Database(at('copy.delta'));
    delta.prepare('INSERT INTO page VALUES (?, ?)').run(unchanged, copy.subarray((unchanged - 1) * 1024, unchanged * 1024));
    delta.close();
    expect(await proof(at('copy.delta'))).toMatch(/it has \d+ pages instead of \d+$/);
  });

  it('finds that the base is another one', async () => {
    await makeDelta(at('copy.delta'));
    const [unchanged, changedPages] = await findUnchanged();
    const other = digestsOf(await readFile(at('base.db'))).digests;
    other.fill(0, (unchanged - 1) * 16, unchanged * 16);
    expect(() => proveDelta(at('copy.delta'), digestsOf(copy), other, changedPages)).toThrow(/ is missing$/);
  });
});

describe('a delta file that is damaged', () => {
  it('by any one bit is refused or still gives the copy', async () => {
    await makeDelta(at('copy.delta'));
    const whole = await readFile(at('copy.delta'));
    // Half of the bits are taken from where SQLite keeps its own words: the beginnings of the pages.
    const bits = fc.oneof(
      fc.nat(whole.length * 8 - 1),
      fc.tuple(fc.nat(whole.length / 65_536 - 1), fc.nat(120 * 8)).map(([page, bit]) => page * 65_536 * 8 + bit),
    );
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(bits, async (bit) => {
        const damaged = Buffer.from(whole);
        damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        await writeFile(at('damaged.delta'), damaged);
        const said = await proof(at('damaged.delta'));
        seen.add(said.replaceAll(/\d+/g, 'N'));
        if (said === 'proven') expect(layOver(at('base.db'), at('damaged.delta'), 64).equals(copy)).toBe(true);
        else expect(said).toMatch(/^(digest-mismatch|manifest-invalid): /);
      }),
      { numRuns: 200 },
    );
    expect([...seen].filter((said) => said !== 'proven').length).toBeGreaterThan(1);
  });

  it('by being cut short is refused', async () => {
    await makeDelta(at('copy.delta'));
    const { length } = await readFile(at('copy.delta'));
    const lengths = [0, 1, 99, 100, 511, 512, 65_535, 65_536, 100_000, 131_072, length - 65_536, length - 512, length - 1];
    const answers: string[] = [];
    for (const left of lengths) {
      await copyFile(at('copy.delta'), at('cut.delta'));
      await truncate(at('cut.delta'), left);
      answers.push((await proof(at('cut.delta'))).replace(/:.*/, ''));
    }
    expect(answers).toEqual(lengths.map(() => 'digest-mismatch'));
  });

  it.each([
    ['text', async () => writeFile(at('copy.delta'), 'no database at all, but long enough to be looked at as one '.repeat(20))],
    ['another database', async () => copyFile(at('base.db'), at('copy.delta'))],
  ])('by being %s is refused', async (_, make) => {
    await make();
    expect(() => openDelta(at('copy.delta'), '2026-11-25.delta.gz')).toThrow(/^the delta 2026-11-25\.delta\.gz is damaged: /);
  });
});

describe('a delta for which there is no room', () => {
  it('fails as disk-full and leaves nothing', async (context) => {
    const disk = await mountSmallDisk(at('small'), 1024 * 1024);
    if (typeof disk === 'string') {
      process.stdout.write(`NOT TRIED, a delta on a full disk: ${disk}\n`);
      return context.skip(disk);
    }
    await using _ = disk;
    await disk.leave(96 * 1024);
    await expect(makeDelta(at('small/copy.delta'))).rejects.toMatchObject({ code: 'disk-full' });
    expect(await readdir(at('small'))).toEqual(['.ballast']);
  });
});
