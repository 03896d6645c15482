import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { parseManifest } from '../../electron/domain/manifest.ts';
import { parseObjectName } from '../../electron/domain/object-name.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { type DriveServer, type StoredFile, startDriveServer } from '../support/drive-server.ts';
import { type Ended, listMutations, runCli } from '../support/faulty-cli.ts';
import { changesFrom, type FaultPoint, killPoints, nameOfPoint, sampleOf, tryAll } from '../support/lanes.ts';
import { askCatalog, makeScene, type Scene } from '../support/scene.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { addDriveDestination } from '../support/test-drive.ts';
import { addJob, openTestEngine } from '../support/test-engine.ts';

const backup = ['backup', 'notes'];
const points = 40;

/** A job whose destination is a Drive that already holds one snapshot; the next one takes several chunks. */
async function makeDriveScene(root: string): Promise<Scene> {
  const scene = await makeScene(root, { live: 'rollback', daysBack: [] });
  await using server = await startDriveServer({ folder: join(root, 'google') });
  const engine = await openTestEngine(root, { host: hostname() });
  try {
    await addDriveDestination(engine, server, { chunkBytes: 256 * 1024 });
    const job = addJob(engine, { name: 'notes', path: scene.live, destinations: ['gdrive'] });
    await runBackup(engine, { job, trigger: 'manual', retain: false });
  } finally {
    engine.close();
  }
  const database = new Database(scene.live);
  database.exec('CREATE TABLE noise (bytes BLOB); INSERT INTO noise VALUES (randomblob(700000))');
  database.close();
  await writeFile(join(root, 'url'), server.url);
  return scene;
}

/** Starts the scene's server again, on another port, which the data folder is told. */
async function startServer({ home, root }: Scene): Promise<DriveServer> {
  const server = await startDriveServer({ folder: join(root, 'google'), port: 0 });
  const formerUrl = await readFile(join(root, 'url'), 'utf8');
  for (const file of ['settings.json', 'settings.last-good.json', 'secrets.json']) {
    const path = join(home, file);
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(formerUrl, server.url), { mode: 0o600 });
  }
  return server;
}

async function attempt(scene: Scene, point: FaultPoint): Promise<string[]> {
  await using server = await startServer(scene);
  const killed = await runCli(scene.home, backup, point);
  const problems = [...endProblems(killed, point), ...(await driveProblems(server))];
  for (const next of [['send'], backup]) {
    const { code, stderr, stdout } = await runCli(scene.home, next);
    if (code !== 0) return [...problems, `${next[0]} ends with ${code}: ${stdout}${stderr}`];
    problems.push(...(await driveProblems(server)));
  }
  return [...problems, ...(await catalogProblems(scene, server)), ...(await leftovers(scene))];
}

function endProblems({ signal, code, stdout }: Ended, { act }: FaultPoint): string[] {
  return signal === 'SIGKILL' || (act === 'kill-after' && code === 0) ? [] : [`was not killed, and ended with ${code}: ${stdout}`];
}

const present = (server: DriveServer) => server.files().filter((file) => file.content !== undefined && !file.explicitlyTrashed);

/** Names that are there twice, and manifests whose object is missing or another. */
async function driveProblems(server: DriveServer): Promise<string[]> {
  const files = present(server);
  const byName = Map.groupBy(files, ({ name }) => name);
  const problems = [...byName].flatMap(([name, same]) => (same.length > 1 ? [`${name} is there ${same.length} times`] : []));
  const folders = Map.groupBy(
    server.files().filter(({ content }) => content === undefined),
    ({ name, parent }) => `${parent}/${name}`,
  );
  problems.push(...[...folders].flatMap(([name, same]) => (same.length > 1 ? [`the folder ${name} is there ${same.length} times`] : [])));
  for (const manifest of await manifestsAt(server)) {
    const [object] = byName.get(manifest.object.name) ?? [];
    if (object?.content?.sha256 !== manifest.object.sha256)
      problems.push(`the manifest of ${manifest.object.name} stands without its object`);
  }
  return problems;
}

async function manifestsAt(server: DriveServer) {
  const files: StoredFile[] = present(server).filter(({ name }) => parseObjectName(name)?.kind === 'manifest');
  return Promise.all(files.map(async ({ id, name }) => parseManifest((await server.content(id)).toString(), name)));
}

async function catalogProblems(scene: Scene, server: DriveServer): Promise<string[]> {
  const atDrive = (await manifestsAt(server)).map(({ id }) => id).toSorted();
  const inCatalog = askCatalog(scene, (catalog) => catalog.snapshots('notes'))
    .filter(({ copies }) => copies.some(({ state }) => state === 'stored'))
    .map(({ id }) => id)
    .toSorted();
  const same = JSON.stringify(atDrive) === JSON.stringify(inCatalog);
  return same ? [] : [`the catalog has ${inCatalog.join(', ')}; Drive has ${atDrive.join(', ')}`];
}

async function leftovers({ home }: Scene): Promise<string[]> {
  const files = [...(await readdir(join(home, 'outbox'))), ...(await readdir(join(home, 'staging')))];
  const secrets = Object.keys(JSON.parse(await readFile(join(home, 'secrets.json'), 'utf8')) as object);
  return [
    ...files.map((file) => `${file} is left in the data folder`),
    ...secrets.filter((key) => key.startsWith('upload/')).map((key) => `the address of ${key} is kept for ever`),
  ];
}

it('a backup to Drive that is killed at any change is made whole by the next start: nothing twice, nothing half, nothing left', async () => {
  await using folder = await makeTempFolder();
  const scene = await makeDriveScene(join(folder.path, 'scene'));
  const { ended, mutations } = await (async () => {
    await using _ = await startServer(scene);
    return await listMutations(scene.home, backup);
  })();
  expect(`${ended.code} ${ended.stdout}`).toMatch(/^0 /);
  const chosen = sampleOf(killPoints(changesFrom(mutations, 'INSERT INTO run ')), points, () => false);
  process.stdout.write(`backup to Drive: ${chosen.length} kill points\n`);
  expect(await tryAll(chosen, makeDriveScene, nameOfPoint, attempt)).toEqual([]);
}, 400_000);
