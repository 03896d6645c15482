import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DriveConfig, SqliteJob } from '../../electron/domain/model.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { pinSnapshot } from '../../electron/engine/operations/pin.ts';
import { sendPending } from '../../electron/engine/operations/send-pending.ts';
import { verifySnapshot } from '../../electron/engine/operations/verify.ts';
import { type DriveServer, type Fault, startDriveServer } from '../support/drive-server.ts';
import { type HurryingClock, hurryingClock } from '../support/hurrying-clock.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addDriveDestination, keepSignIn } from '../support/test-drive.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine } from '../support/test-engine.ts';

let folder: TempFolder;
let server: DriveServer;
let engine: Engine;
let clock: HurryingClock;
let job: SqliteJob;

beforeEach(async () => {
  folder = await makeTempFolder();
  server = await startDriveServer({ folder: join(folder.path, 'google') });
  clock = hurryingClock();
  engine = await openTestEngine(folder.path, { clock, answerWithinMs: 2000 });
  await addDriveDestination(engine, server);
  makeNotes(join(folder.path, 'notes.db'), 200);
  job = addJob(engine, { name: 'notes', path: join(folder.path, 'notes.db'), destinations: ['gdrive'] });
});
afterEach(async () => {
  engine.close();
  await server.close();
  await folder[Symbol.asyncDispose]();
});

const backUp = () => runBackup(engine, { job, trigger: 'manual', retain: true });
const everything = () =>
  server
    .files()
    .filter(({ content, explicitlyTrashed }) => content !== undefined && !explicitlyTrashed)
    .map(({ name }) => name)
    .toSorted();
/** Snapshots and their manifests, without what lies beside them. */
const objects = () => everything().filter((name) => !name.endsWith('.pages') && name !== 'RESTORE.txt');
const states = () =>
  engine.catalog.snapshots('notes').map(({ copies }) => copies.map(({ destination, state }) => `${destination} ${state}`));
const outbox = () => readdir(join(folder.path, 'home', 'outbox'));
const driveConfigOf = ({ settings }: Engine) => settings.current.destinations.find((config) => config.kind === 'drive') as DriveConfig;
const always = (fault: Fault): Fault => ({ ...fault, times: 1000 });

describe('a run to Drive', () => {
  it('calls nothing missing, and removes nothing, because a listing is late', async () => {
    server.faults.add({ on: 'any', times: 1000, act: 'late-listing' });
    for (let i = 0; i < 3; i++) await backUp();
    expect(states()).toEqual([['gdrive stored'], ['gdrive stored'], ['gdrive stored']]);
    expect(objects().length).toBe(6);
    expect(new Set(objects()).size).toBe(6);
    server.settleListings();
    // Three of one day are the fewest that stay; only the oldest of the four goes, by its name.
    const { retained } = await backUp();
    expect(retained.flatMap(({ removed }) => removed).length).toBe(1);
    expect(states()).toEqual([['gdrive stored'], ['gdrive stored'], ['gdrive stored']]);
  });

  it('sends what another byte was stored of once more, and says so', async () => {
    server.faults.add({ on: 'upload-chunk', act: 'flip-byte' });
    const { run } = await backUp();
    expect(run).toMatchObject({ status: 'warning', warnings: [expect.stringMatching(/not what was sent; it is sent once more/)] });
    expect(objects().length).toBe(2);
    // The object twice, and its page digests.
    expect(server.uploads().length).toBe(3);
  });

  it('fails where other bytes are stored twice, and leaves nothing', async () => {
    server.faults.add({ on: 'upload-chunk', times: 2, act: 'flip-byte' });
    await expect(backUp()).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect([objects(), states(), await outbox(), engine.catalog.deliveries()]).toEqual([[], [], [], []]);
  });

  it('takes its object back where the manifest is refused', async () => {
    server.faults.add(always({ on: 'multipart', act: 'status', code: 403, reason: 'insufficientFilePermissions' }));
    await expect(backUp()).rejects.toMatchObject({ code: 'destination-refused' });
    expect([objects(), states(), await outbox()]).toEqual([[], [], []]);
  });

  it('keeps the snapshot for later where Drive is busy for too long, and sends it before the next one', async () => {
    server.faults.add(always({ on: 'upload-chunk', act: 'status', code: 503 }));
    await expect(backUp()).rejects.toMatchObject({ code: 'destination-busy', retryable: true });
    expect([objects(), (await outbox()).length, engine.catalog.deliveries('notes').length]).toEqual([[], 1, 1]);
    server.faults.clear();
    const { pending } = await backUp();
    expect(pending).toEqual([expect.objectContaining({ job: 'notes', destination: 'gdrive' })]);
    expect(objects().length).toBe(4);
    expect([states(), await outbox()]).toEqual([[['gdrive stored'], ['gdrive stored']], []]);
  });

  it('goes on with the snapshot that is on its way until it is there, and begins no other one meanwhile', async () => {
    server.faults.add(always({ on: 'upload-chunk', act: 'status', code: 503 }));
    await expect(backUp()).rejects.toMatchObject({ code: 'destination-busy', message: expect.stringMatching(/HTTP 503/) });
    const first = await outbox();
    for (let i = 0; i < 2; i++) {
      await expect(backUp()).rejects.toMatchObject({
        code: 'destination-busy',
        message: expect.stringMatching(/still on its way to gdrive/),
      });
    }
    expect([await outbox(), engine.catalog.deliveries('notes').length, first.length]).toEqual([first, 1, 1]);
    server.faults.clear();
    const sent = await sendPending(engine, undefined);
    expect(sent.map(({ error }) => error)).toEqual([undefined]);
    expect([objects().length, states(), await outbox()]).toEqual([2, [['gdrive stored']], []]);
  });

  it('keeps the snapshot where the sign-in ends in the middle, and goes on after the next one', async () => {
    server.faults.add({ on: 'upload-chunk', act: 'revoke' });
    await expect(backUp()).rejects.toMatchObject({ code: 'sign-in-revoked' });
    expect((await outbox()).length).toBe(1);
    await keepSignIn(server, driveConfigOf(engine), engine.secrets);
    expect((await sendPending(engine, 'notes')).map(({ error }) => error)).toEqual([undefined]);
    expect([objects().length, await outbox()]).toEqual([2, []]);
  });

  it('keeps it where Drive takes no more today', async () => {
    server.faults.add({ on: 'upload-chunk', act: 'status', code: 403, reason: 'dailyLimitExceeded' });
    await expect(backUp()).rejects.toMatchObject({ code: 'destination-busy' });
    expect((await outbox()).length).toBe(1);
    expect((await sendPending(engine, 'notes')).map(({ error }) => error)).toEqual([undefined]);
  });

  it('sends anew what a stop left whole and wrong', async () => {
    server.faults.add({ on: 'upload-chunk', act: 'flip-byte' });
    const stop = new AbortController();
    const unlisten = engine.listen((event) => {
      if (event.type === 'step-started' && event.step === 'verify') stop.abort(new Error('power cut'));
    });
    await expect(runBackup(engine, { job, trigger: 'manual', retain: true, signal: stop.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    unlisten();
    expect(objects().length).toBe(1);
    expect((await sendPending(engine, 'notes')).map(({ error }) => error)).toEqual([undefined]);
    expect([objects().length, states()]).toEqual([2, [['gdrive stored']]]);
  });

  it('sends a manifest that was stored with another byte once more, and fails where it happens again', async () => {
    server.faults.add({ on: 'multipart', act: 'flip-byte' });
    const { snapshot } = await backUp();
    const [manifest] = server.files().filter(({ name }) => name.endsWith('.json'));
    expect(JSON.parse((await server.content(manifest?.id ?? '')).toString())).toEqual(snapshot.manifest);
    server.faults.add({ on: 'multipart', times: 2, act: 'flip-byte' });
    await expect(backUp()).rejects.toMatchObject({ code: 'digest-mismatch' });
  });

  it('keeps a pin that was set while it was on its way', async () => {
    await addFolderDestination(engine, folder.path, 'usb');
    job = addJob(engine, { ...job, path: join(folder.path, 'notes.db'), destinations: ['usb', 'gdrive'] });
    server.faults.add(always({ on: 'upload-chunk', act: 'status', code: 503 }));
    const { snapshot } = await backUp();
    await pinSnapshot(engine, snapshot, true);
    server.faults.clear();
    await sendPending(engine, 'notes');
    const [manifest] = server.files().filter(({ name }) => name.endsWith('.json'));
    expect(JSON.parse((await server.content(manifest?.id ?? '')).toString())).toMatchObject({ pinned: true });
    expect(engine.catalog.snapshot(snapshot.id)).toMatchObject({ pinned: true, manifest: { pinned: true } });
  });

  it('says that the account is another one where its folder is not to be found', async () => {
    const config = driveConfigOf(engine);
    const account = { id: 'of-ada', email: 'ada@example.com' };
    engine.settings.change((settings) => ({ ...settings, destinations: [{ ...config, account }] }));
    server.remove(config.folderId ?? '');
    await expect(backUp()).rejects.toMatchObject({ code: 'sign-in-account', message: expect.stringMatching(/ada@example\.com|another/) });
    expect(engine.catalog.accountProblem('gdrive')).toMatchObject({ code: 'sign-in-account' });
  });

  it('stops soon when it is cancelled, also while it only looks', async () => {
    server.faults.add(always({ on: 'list', act: 'stall' }));
    const stop = new AbortController();
    const running = runBackup(engine, { job, trigger: 'manual', retain: true, signal: stop.signal });
    await server.when((requests) => requests.some(({ kind }) => kind === 'list'));
    stop.abort(new Error('enough'));
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('drops a snapshot that can never be sent, with its reason', async () => {
    server.faults.add(always({ on: 'upload-chunk', act: 'status', code: 503 }));
    await expect(backUp()).rejects.toMatchObject({ code: 'destination-busy' });
    server.faults.clear();
    server.faults.add({ on: 'upload-chunk', act: 'status', code: 403, reason: 'storageQuotaExceeded' });
    const [sent] = await sendPending(engine, 'notes');
    expect(sent?.error).toMatchObject({ code: 'destination-full' });
    expect([await outbox(), engine.catalog.deliveries()]).toEqual([[], []]);
  });

  it('does not keep a folder from its copy where Drive cannot be reached', async () => {
    await addFolderDestination(engine, folder.path, 'usb');
    job = addJob(engine, { ...job, path: join(folder.path, 'notes.db'), destinations: ['gdrive', 'usb'] });
    await server.close();
    const { failed, run } = await backUp();
    expect(run.status).toBe('warning');
    expect(failed).toEqual([{ destination: 'gdrive', message: expect.stringMatching(/cannot be reached/) }]);
    expect(states()).toEqual([['usb stored']]);
  });

  it('asks for a new token once, whatever it does with it', async () => {
    server.expireAccessTokens();
    await backUp();
    expect(server.numbers().refreshes).toBe(1);
  });
});

describe('a snapshot in Drive', () => {
  it('is pinned in its manifest there too', async () => {
    const { snapshot } = await backUp();
    await pinSnapshot(engine, snapshot, true);
    const [manifest] = server.files().filter(({ name }) => name.endsWith('.json'));
    expect(JSON.parse((await server.content(manifest?.id ?? '')).toString())).toMatchObject({ id: snapshot.id, pinned: true });
    expect(objects().length).toBe(2);
  });

  it('that comes back with another byte fails its full verification, and is no longer counted as verified', async () => {
    const { snapshot } = await backUp();
    server.faults.add(always({ on: 'download', act: 'corrupt-download', atByte: 100 }));
    const { ok, proofs } = await verifySnapshot(engine, snapshot, 'full', new AbortController().signal);
    expect({ ok, proofs }).toEqual({ ok: false, proofs: [expect.objectContaining({ destination: 'gdrive', ok: false })] });
    expect(engine.catalog.snapshot(snapshot.id)?.copies[0]?.failure).toBeDefined();
  });

  it('that is not reached is neither verified nor called bad', async () => {
    const { snapshot } = await backUp();
    server.revokeAll();
    await expect(verifySnapshot(engine, snapshot, 'quick', new AbortController().signal)).rejects.toMatchObject({
      code: 'sign-in-revoked',
    });
    expect(engine.catalog.snapshot(snapshot.id)?.copies[0]?.failure).toBeUndefined();
    expect(engine.catalog.accountProblem('gdrive')).toMatchObject({ code: 'sign-in-revoked' });
  });
});
