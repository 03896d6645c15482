import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CliSandbox, openSandbox, writeNotes } from '../support/cli.ts';

interface ImportDocument {
  readonly dryRun: boolean;
  readonly changes: readonly { readonly kind: string; readonly what: string; readonly name: string; readonly fields: readonly string[] }[];
  readonly warnings: readonly string[];
  readonly signIns: readonly string[];
}

const client = JSON.stringify({
  installed: {
    client_id: 'id.apps.googleusercontent.com',
    client_secret: 'GOCSPX-s3cret-s3cret',
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: 'https://oauth2.googleapis.com/token',
  },
});

/** A data folder with a job, a folder and a Drive destination that has a client. */
async function setUp(box: CliSandbox): Promise<void> {
  box.folder('usb');
  writeNotes(box.at('notes.db'));
  writeFileSync(box.at('client.json'), client);
  await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
  await box.json(['destination', 'add', 'drive', 'gdrive', '--client', 'client.json', '--folder', 'Backups']);
  await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb', '--to', 'gdrive']);
}

const differing = ({ changes }: ImportDocument) =>
  changes.filter(({ kind }) => kind !== 'same').map(({ kind, what, name }) => `${kind} ${what} ${name}`);

describe('settings that go to another machine', () => {
  it('are exported without a secret, are imported there, and say what is missing there', async () => {
    await using box = await openSandbox();
    await setUp(box);
    expect(readFileSync(box.at('home', 'secrets.json'), 'utf8')).toContain('s3cret');
    await box.json(['settings', 'export', 'out.json']);
    const text = readFileSync(box.at('out.json'), 'utf8');
    expect(text).not.toMatch(/s3cret/);
    expect(statSync(box.at('out.json')).mode & 0o777).toBe(0o600);
    const onStdout = await box.run(['settings', 'export']);
    expect(JSON.parse(onStdout.stdout).settings).toEqual(JSON.parse(text).settings);

    writeFileSync(box.at('moved.json'), text.replaceAll(box.at('notes.db'), '/elsewhere/notes.db'));
    const other = { home: box.at('other') };
    const planned = await box.json<ImportDocument>(['settings', 'import', 'moved.json', '--dry-run'], 0, other);
    expect(differing(planned)).toEqual(['added destination usb', 'added destination gdrive', 'added job notes']);
    expect(planned.warnings).toEqual(['the source of notes is not on this machine: /elsewhere/notes.db']);
    expect(planned.signIns).toEqual(['gdrive']);
    expect(await box.json(['job', 'list'], 0, other)).toEqual([]);

    expect(await box.json<ImportDocument>(['settings', 'import', 'moved.json'], 0, other)).toEqual({ ...planned, dryRun: false });
    expect(await box.json(['job', 'list'], 0, other)).toMatchObject([
      { name: 'notes', source: { path: '/elsewhere/notes.db' }, destinations: ['usb', 'gdrive'] },
    ]);
    const again = await box.run(['settings', 'import', 'moved.json'], other);
    expect(again).toMatchObject({
      code: 0,
      stdout: 'everything is as in the file already\n',
      stderr: expect.stringContaining('nobody has signed in to gdrive here'),
    });
    const { stdout } = await box.run(['settings', 'import', 'moved.json', '--dry-run']);
    expect(stdout).toBe('the job notes would be changed: source.path\n');
  });

  it('never take a job away unless told to, and then say so and forget what belonged to it', async () => {
    await using box = await openSandbox();
    await setUp(box);
    await box.json(['settings', 'export', 'empty.json', '--home', 'fresh']);
    expect(differing(await box.json<ImportDocument>(['settings', 'import', 'empty.json']))).toEqual([]);
    expect(await box.json(['job', 'list'])).toMatchObject([{ name: 'notes' }]);
    const { stdout } = await box.run(['settings', 'import', 'empty.json', '--replace', '--dry-run']);
    expect(stdout).toBe('the destination usb would be removed\nthe destination gdrive would be removed\nthe job notes would be removed\n');
    expect(differing(await box.json<ImportDocument>(['settings', 'import', 'empty.json', '--replace']))).toHaveLength(3);
    expect(await box.json(['job', 'list'])).toEqual([]);
    expect(readFileSync(box.at('home', 'secrets.json'), 'utf8')).not.toContain('s3cret');
  });

  it('are refused as a whole where something is wrong, and nothing is changed or left half-written', async () => {
    await using box = await openSandbox();
    await setUp(box);
    await box.json(['settings', 'export', 'out.json']);
    const before = readFileSync(box.at('home', 'settings.json'), 'utf8');
    const file = JSON.parse(readFileSync(box.at('out.json'), 'utf8'));
    file.settings.jobs[0].destinations = ['nas'];
    file.settings.jobs[0].schedule.zone = 'Mars';
    writeFileSync(box.at('bad.json'), JSON.stringify(file));
    const error = await box.fails(['settings', 'import', 'bad.json'], 1);
    expect(error).toMatchObject({
      code: 'settings-invalid',
      message: expect.stringMatching(/jobs\.0\.destinations: .*"nas"; settings\.jobs\.0\.schedule: .*"Mars"/),
    });
    expect(await box.fails(['settings', 'import', 'nowhere.json'], 2)).toMatchObject({
      message: expect.stringContaining('nowhere.json cannot be read'),
    });
    expect(readFileSync(box.at('home', 'settings.json'), 'utf8')).toBe(before);

    expect(await box.fails(['settings', 'export', 'out.json'], 3)).toMatchObject({ code: 'target-exists' });
    await box.json(['settings', 'export', 'out.json', '--force']);
    expect(await box.fails(['settings', 'export', 'nowhere/out.json'], 3)).toMatchObject({ code: 'target-refused' });
    expect(readdirSync(box.path).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});
