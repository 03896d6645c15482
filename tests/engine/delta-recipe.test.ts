import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { restoreRecipe } from '../../electron/domain/restore-recipe.ts';
import { makeDelta } from '../../electron/engine/sqlite/delta.ts';
import { openDelta } from '../../electron/engine/sqlite/delta-reader.ts';
import type { DeltaOutcome } from '../../electron/engine/sqlite/worker-protocol.ts';
import { baseObject, changedPagesOf, describeBase, layOver, sha256 } from '../support/delta-scene.ts';
import { applyEdits, editedDatabases, editHistories, makeEditedDatabase } from '../support/edit-history.ts';
import { commandsOf, followRecipe, missingTool, runCommands, saysRight } from '../support/stock-recipe.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await makeTempFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const at = (name: string) => join(folder.path, name);
const deltaObject = '2026-11-25.delta.gz';
const ways = [
  { how: 'python', tools: ['gunzip', 'python3'] },
  { how: 'dd', tools: ['gunzip', 'sqlite3', 'dd'] },
] as const;
const edited = { pageSize: 1024, autoVacuum: 'FULL', encoding: 'UTF-8', journalMode: 'WAL', rows: 500, seed: 7 } as const;
const shrinking = [
  { do: 'insert', rows: 20, bytes: 500 },
  { do: 'delete', from: 0.8, share: 0.2 },
] as const;

/** Makes a base, a copy with that history, and the delta between them. */
async function makeDays(
  description: Parameters<typeof makeEditedDatabase>[1],
  history: Parameters<typeof applyEdits>[1],
): Promise<DeltaOutcome> {
  for (const name of ['base.db', 'copy.db', 'copy.delta']) await rm(at(name), { force: true });
  makeEditedDatabase(at('base.db'), description);
  await copyFile(at('base.db'), at('copy.db'));
  applyEdits(at('copy.db'), history, description.seed);
  const base = describeBase(at('base.db'));
  return makeDelta({ kind: 'delta', path: at('copy.db'), shownAs: 'notes', base, target: at('copy.delta') }, () => {});
}

/** Lays base and delta into a folder of their own, as a person would who brings them back from a destination. */
async function bringBack(): Promise<string> {
  const place = at('restore');
  await rm(place, { recursive: true, force: true });
  await mkdir(place);
  await writeFile(join(place, baseObject), gzipSync(await readFile(at('base.db')), { level: 1 }));
  await writeFile(join(place, deltaObject), gzipSync(await readFile(at('copy.delta')), { level: 1 }));
  return place;
}

function recipeIn(name: string): string {
  const delta = openDelta(at(name), name);
  try {
    return delta.meta.recipe;
  } finally {
    delta.close();
  }
}

function skipWithout(context: TestContext, ...tools: string[]): void {
  const missing = process.platform === 'win32' ? 'a shell of Unix' : missingTool('sh', ...tools);
  if (missing === undefined) return;
  process.stdout.write(`NOT TRIED: ${missing} is not here\n`);
  context.skip(`no ${missing}`);
}

describe('after any history of edits', () => {
  it('base and delta give the copy byte for byte, or most pages have changed', async () => {
    await fc.assert(
      fc.asyncProperty(editedDatabases, editHistories, fc.integer({ min: 1, max: 300 }), async (description, history, pagesInBlock) => {
        const outcome = await makeDays(description, history);
        const copy = await readFile(at('copy.db'));
        const pageCount = copy.length / description.pageSize;
        const changed = changedPagesOf(await readFile(at('base.db')), copy, description.pageSize).length;
        if ('reason' in outcome) {
          expect(outcome.reason).toBe('most-pages');
          expect(changed).toBeGreaterThan(pageCount / 2);
          return;
        }
        expect(outcome).toMatchObject({ raw: { bytes: copy.length, sha256: sha256(copy) }, pageCount, changedPages: changed });
        expect(layOver(at('base.db'), at('copy.delta'), pagesInBlock).equals(copy)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it.for(ways)('the recipe for $how gives the copy byte for byte', async ({ how, tools }, context) => {
    skipWithout(context, ...tools);
    await fc.assert(
      fc.asyncProperty(editedDatabases, editHistories, async (description, history) => {
        fc.pre(!('reason' in (await makeDays(description, history))));
        const place = await bringBack();
        const answer = followRecipe(how, recipeIn('copy.delta'), place);
        expect({ ...answer, isRight: saysRight(how, answer) }).toMatchObject({ isRight: true });
        expect((await readFile(join(place, 'restored.db'))).equals(await readFile(at('copy.db')))).toBe(true);
      }),
      { numRuns: 8 },
    );
  });
});

describe('the recipe', () => {
  it('is in every delta as it lies beside the snapshots', async () => {
    await makeDays(edited, shrinking);
    expect(recipeIn('copy.delta')).toBe(restoreRecipe);
  });

  it('restores from a full and checks it', async (context) => {
    skipWithout(context, 'gunzip', 'sqlite3');
    await makeDays(edited, shrinking);
    const place = await bringBack();
    const { unpackFull, check } = commandsOf(restoreRecipe);
    expect(runCommands(unpackFull + check, place)).toEqual({ code: 0, lines: ['ok'], complaint: '' });
    expect((await readFile(join(place, 'restored.db'))).equals(await readFile(at('base.db')))).toBe(true);
  });

  it('restores from a full in zstd', async (context) => {
    skipWithout(context, 'zstd');
    await makeDays(edited, shrinking);
    await writeFile(at('2026-11-01.db.zst'), zstdCompressSync(await readFile(at('base.db'))));
    const [, command = ''] = /(zstd -d .*)$/m.exec(restoreRecipe) ?? [];
    expect(runCommands(command, folder.path)).toMatchObject({ code: 0 });
    expect((await readFile(at('restored.db'))).equals(await readFile(at('base.db')))).toBe(true);
  });

  it.for(ways)('for $how restores a database that became smaller, and one that did not change', async ({ how, tools }, context) => {
    skipWithout(context, ...tools);
    for (const history of [shrinking, []]) {
      await makeDays(edited, history);
      const place = await bringBack();
      expect(saysRight(how, followRecipe(how, restoreRecipe, place))).toBe(true);
      const restored = await readFile(join(place, 'restored.db'));
      expect(restored.equals(await readFile(at('copy.db')))).toBe(true);
      expect(restored.length < (await stat(at('base.db'))).size).toBe(history.length > 0);
    }
  });

  it.for(ways)('for $how says so where the base is another one', async ({ how, tools }, context) => {
    skipWithout(context, ...tools);
    await makeDays(edited, shrinking);
    makeEditedDatabase(at('other.db'), { ...edited, seed: 8 });
    const place = await bringBack();
    await writeFile(join(place, baseObject), gzipSync(await readFile(at('other.db'))));
    expect(saysRight(how, followRecipe(how, restoreRecipe, place))).toBe(false);
  });

  it.for(ways)('for $how says so where a page of the delta is another one', async ({ how, tools }, context) => {
    skipWithout(context, ...tools);
    await makeDays(edited, shrinking);
    const delta = new Database(at('copy.delta'));
    delta.exec('UPDATE page SET data = randomblob(1024) WHERE pgno = (SELECT max(pgno) FROM page)');
    delta.close();
    expect(saysRight(how, followRecipe(how, restoreRecipe, await bringBack()))).toBe(false);
  });
});
