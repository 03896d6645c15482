import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listMutations, runCli } from '../support/faulty-cli.ts';
import { changesFrom, type FaultPoint, killPoints, nameOfPoint, tryAll } from '../support/lanes.ts';
import { askCatalog, catalogProblems, makeScene, type Scene, storedManifests, storedNames, storedProblems } from '../support/scene.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const retain = ['retain', 'notes'];
const keptCount = 3;
const makeRetentionScene = (root: string) => makeScene(root, { live: 'rollback', daysBack: [1, 2, 3, 40, 41, 42], keepDaily: keptCount });

/** All that retention decides: what people see, what lies in the trash, and what the catalog holds. */
async function stateOf(scene: Scene) {
  const trash = join(scene.root, 'usb', '.nightjar-trash');
  const trashed = await readdir(trash, { recursive: true, withFileTypes: true }).catch(() => []);
  return {
    stored: await storedNames(scene),
    trashed: trashed
      .filter((entry) => entry.isFile())
      .map(({ name }) => basename(name))
      .toSorted(),
    catalog: askCatalog(scene, (catalog) => catalog.snapshots('notes')).map(({ id }) => id),
  };
}

/** The changes of a retention that nobody disturbs, and the state that it and one more lead to. */
async function undisturbed() {
  await using folder = await makeTempFolder();
  const scene = await makeRetentionScene(join(folder.path, 'scene'));
  const { ended, mutations } = await listMutations(scene.home, retain);
  expect(`${ended.code} ${ended.stdout}`).toMatch(/^0 /);
  const state = await stateOf(scene);
  await runCli(scene.home, retain);
  expect(await stateOf(scene)).toEqual(state);
  // Object, manifest and page digests of each, and the recipe beside them.
  expect(state.stored).toHaveLength(3 * keptCount + 1);
  return { mutations, state };
}

describe('a retention that is killed', () => {
  it('keeps what is to stay whole at every single change, and the next one ends where an undisturbed one does', async () => {
    const { mutations, state } = await undisturbed();
    const points = killPoints(changesFrom(mutations, 'UPDATE copy'));
    process.stdout.write(`retention: ${points.length} kill points\n`);
    const attempt = async (scene: Scene, point: FaultPoint) => {
      const kept = (await storedManifests(scene)).map(({ id }) => id).slice(-keptCount);
      await runCli(scene.home, retain, point);
      const left = (await storedManifests(scene)).map(({ id }) => id);
      const problems = [...(await storedProblems(scene)), ...kept.filter((id) => !left.includes(id)).map((id) => `${id} is lost`)];
      const next = await runCli(scene.home, retain);
      if (next.code !== 0) return [...problems, `the next retention ends with ${next.code}: ${next.stdout}`];
      const found = await stateOf(scene);
      const isSame = JSON.stringify(found) === JSON.stringify(state);
      return [...problems, ...(await catalogProblems(scene)), ...(isSame ? [] : [`the next retention leads to ${JSON.stringify(found)}`])];
    };
    expect(await tryAll(points, makeRetentionScene, nameOfPoint, attempt)).toEqual([]);
  }, 240_000);
});
