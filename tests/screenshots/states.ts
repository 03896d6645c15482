import { mkdirSync, renameSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Browser, Page } from '@playwright/test';
import { type CliSandbox, type RunDocument, type SnapshotDocument, writeNoise } from '../support/cli.ts';
import type { DriveServer } from '../support/drive-server.ts';
import { addressOf } from '../support/served-window.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { type Camera, openCamera } from './camera.ts';
import { type Story, zone } from './story.ts';

/** One window over one data folder. */
export interface Studio {
  readonly box: CliSandbox;
  readonly camera: Camera;
  readonly environment: Readonly<Record<string, string>>;
}

/** Serves a data folder, and opens its window. */
export async function openStudio(
  browser: Browser,
  box: CliSandbox,
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<Studio> {
  const url = await addressOf(box.start(['serve', '--json'], { environment }));
  const context = await browser.newContext({ reducedMotion: 'reduce', timezoneId: zone, locale: 'en-GB' });
  const places = [
    [`"host":"${hostname()}"`, '"host":"ada"'],
    [box.home, '/Users/ada/Library/Application Support/nightjar'],
    ...['USB', 'STICK'].map((disk) => [box.at('ada', disk), `/Volumes/${disk}`] as const),
    [box.at('ada'), '/Users/ada'],
  ] as const;
  return { box, camera: await openCamera({ context, url, folder, places }), environment };
}

/** Takes pictures of every page and state of the story, one state after the other. */
export async function shootStates(studio: Studio, story: Story, server: DriveServer): Promise<void> {
  await shootGood(studio);
  await shootBusy(studio);
  await shootRestore(studio);
  await shootWarning(studio, story);
  await shootFailed(studio, story);
  await shootRefusal(studio);
  await shootSignIn(studio, server);
}

async function shootGood({ box, camera }: Studio): Promise<void> {
  const heading = (page: Page) => page.getByRole('heading', { level: 1 });
  const [run] = await box.json<RunDocument[]>(['history', 'notes', '--limit', '1']);
  const failed = (await box.json<RunDocument[]>(['history', 'notes', '--limit', '400'])).find(({ status }) => status === 'failed');
  const [snapshot] = await box.json<SnapshotDocument[]>(['snapshots', 'notes']);
  const at = `#/restore/notes/${snapshot?.id}`;
  await camera.shoot('overview', '#/', heading);
  await camera.shootHere('overview-disks', camera.page.getByRole('heading', { name: 'Disk guard' }));
  await camera.shoot('restore', '#/restore/notes', heading);
  await camera.shoot('restore-snapshot', at, heading);
  await camera.shoot('restore-copy', `${at}?do=copy`, (page) => page.getByLabel('Where to'));
  await camera.shoot('restore-replace', `${at}?do=replace`, heading);
  await camera.shoot('restore-store', '#/restore/wiki', heading);
  await camera.shoot('restore-backups', '#/restore?from=backups', heading);
  await camera.shoot('history', '#/history', (page) => page.getByRole('table'));
  await camera.shoot('history-failed', '#/history?job=notes&status=failed', (page) => page.getByRole('table'));
  await camera.shoot('history-restores', '#/history?show=restores', (page) => page.getByRole('table'));
  await camera.shoot('history-drills', '#/history?show=proofs', (page) => page.getByRole('table'));
  await camera.shoot('run', `#/history/${run?.id}`, (page) => page.getByRole('heading', { name: 'Steps' }));
  await camera.shoot('run-failed', `#/history/${failed?.id}`, (page) => page.getByRole('heading', { name: 'Steps' }));
  await camera.shoot('jobs', '#/jobs', heading);
  await camera.shoot('job', '#/jobs/notes', heading);
  await camera.shoot('job-new', '#/jobs/new', heading);
  await camera.shoot('destination', '#/jobs/destinations/Drive', heading);
  await camera.shoot('settings', '#/settings', (page) => page.getByRole('heading', { name: 'About' }));
}

/** A backup that goes to Drive over a slow line. */
async function shootBusy({ box, camera, environment }: Studio): Promise<void> {
  await box.json(['destination', 'set', 'Drive', '--bandwidth', '300K']);
  const backup = box.start(['backup', 'notes', '--json'], { environment });
  const sending = (page: Page) => page.getByText(/ of .* left$/);
  await camera.shoot('busy-overview', '#/', sending);
  await camera.shoot('busy-history', '#/history', sending);
  const [run] = await box.json<RunDocument[]>(['history', 'notes', '--limit', '1']);
  await camera.shoot('busy-run', `#/history/${run?.id}`, sending);
  await box.run(['cancel', String(run?.id)]);
  await backup.ended();
  await box.json(['destination', 'set', 'Drive', '--bandwidth', 'none']);
  await camera.shoot('warning-overview', '#/', (page) => page.getByText(/was cut short/));
  await camera.shoot('warning-jobs', '#/jobs', (page) => page.getByText(/was cut short/));
}

/** A restore that comes from Drive over a slow line. */
async function shootRestore({ box, camera }: Studio): Promise<void> {
  await box.json(['destination', 'set', 'Drive', '--bandwidth', '60K']);
  const [snapshot] = await box.json<SnapshotDocument[]>(['snapshots', 'measurements']);
  const { page } = camera;
  await page.evaluate(`location.hash = '#/restore/measurements/${snapshot?.id}?do=copy'`);
  await page.getByRole('button', { name: 'Restore this copy' }).click();
  await page
    .getByText(/ of .* left/)
    .first()
    .waitFor();
  await camera.shootHere('restoring');
  await page.getByText('is restored').waitFor();
  await camera.shootHere('restored');
  await box.json(['destination', 'set', 'Drive', '--bandwidth', 'none']);
}

/** One of two destinations is away; the run before has gone on with what was cut short. */
async function shootWarning({ box, camera, environment }: Studio, { usb }: Story): Promise<void> {
  renameSync(usb, `${usb}-away`);
  await box.run(['backup', 'notes'], { environment });
  await camera.shoot('warning-history', '#/history', (page) => page.getByRole('link', { name: /^notes, Warning/ }));
  renameSync(`${usb}-away`, usb);
  await box.run(['backup', 'notes'], { environment });
}

/** A database is gone. */
async function shootFailed({ box, camera, environment }: Studio, { measurements }: Story): Promise<void> {
  renameSync(measurements, `${measurements}.away`);
  await box.run(['backup', 'measurements'], { environment });
  const [run] = await box.json<RunDocument[]>(['history', 'measurements', '--limit', '1']);
  await camera.shoot('failed-overview', '#/', (page) => page.getByRole('heading', { level: 1 }));
  await camera.shoot('failed-run', `#/history/${run?.id}`, (page) => page.getByRole('alert'));
  await camera.shoot('failed-history', '#/history', (page) => page.getByRole('link', { name: /^measurements, Failed/ }));
  renameSync(`${measurements}.away`, measurements);
  await box.run(['backup', 'measurements'], { environment });
}

/** The account was signed out by its owner. */
async function shootSignIn({ box, camera, environment }: Studio, server: DriveServer): Promise<void> {
  server.revokeAll();
  await box.run(['backup', 'measurements'], { environment });
  await camera.shoot('sign-in-overview', '#/', (page) => page.getByText(/sign in/i));
  await camera.shoot('sign-in-destination', '#/jobs/destinations/Drive', (page) => page.getByRole('heading', { level: 1 }));
}

/** The disk of a destination has no room for the next run. */
async function shootRefusal({ box, camera, environment }: Studio): Promise<void> {
  const stick = box.at('ada/STICK');
  const disk = await mountSmallDisk(stick, 200_000_000);
  if (typeof disk === 'string') return void process.stdout.write(`no pictures of a refusal of the disk guard: ${disk}\n`);
  await using _ = disk;
  const archive = box.at('ada/Library/archive.db');
  writeNoise(archive, 40);
  mkdirSync(stick, { recursive: true });
  await box.json(['settings', 'set', 'reserveBytes', '20000000']);
  await box.json(['settings', 'set', 'warnFreeBytes', '60000000']);
  await box.json(['destination', 'add', 'folder', 'STICK', stick]);
  await box.json(['job', 'add', 'archive', '--sqlite', archive, '--to', 'STICK', '--deltas', 'off', '--at', '30 5 * * *', '--zone', zone]);
  await box.run(['backup', 'archive'], { environment });
  await disk.leave(31_000_000);
  await box.run(['backup', 'archive'], { environment });
  const [run] = await box.json<RunDocument[]>(['history', 'archive', '--limit', '1']);
  await camera.shoot('refused-overview', '#/', (page) => page.getByText('did not start'));
  await camera.shootHere('refused-disks', camera.page.getByRole('heading', { name: 'Disk guard' }));
  await camera.shoot('refused-run', `#/history/${run?.id}`, (page) => page.getByRole('alert'));
}
