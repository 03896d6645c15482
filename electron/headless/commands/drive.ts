import { resolve } from 'node:path';
import type { Command } from 'commander';
import { checkName } from '../../domain/check-name.ts';
import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { type DriveConfig, driveConfigSchema } from '../../domain/model.ts';
import type { Connected } from '../../domain/outcomes.ts';
import { instant } from '../../domain/zoned-time.ts';
import { destinationNamed } from '../../engine/settings-store.ts';
import type { ExitCode } from '../exit-code.ts';
import { common, sizeInBytes, unlessNone } from '../options.ts';
import type { Output } from '../output.ts';
import { type ClientSession, type CommonOptions, followWith, onClient } from '../session.ts';
import { formatInstant } from '../text.ts';

interface TransferOptions extends CommonOptions {
  readonly chunkSize?: number;
  readonly bandwidth?: number | 'none';
  readonly apiRoot?: string;
}

interface AddDriveOptions extends TransferOptions {
  readonly client?: string;
  readonly credentials?: string;
  readonly folder?: string;
}

interface SignInOptions extends CommonOptions {
  readonly client?: string;
  readonly switchAccount?: boolean;
  readonly browser?: boolean;
}

/** What a destination in Drive is called where nothing else is asked for. */
const usualFolder = 'Nightjar';

export function addDriveCommands(destinations: Command, add: Command): void {
  const addCommand = withTransferOptions(
    add
      .command('drive <name>')
      .description('a folder in Google Drive, with your own OAuth client or with credentials that are there already')
      .option('--client <file>', 'the JSON of your OAuth client (type "Desktop app"); sign in afterwards')
      .option('--credentials <dir>', 'a folder with gcp-oauth.keys.json and tokens.json, used in place')
      .option('--folder <path>', `the folder in Drive, as "A/B/C" from its root (default: ${usualFolder})`),
  );
  onClient(common(addCommand, 'nightjar destination add drive gdrive --client ~/client.json'), addNamed);

  const signInCommand = destinations
    .command('sign-in <name>')
    .description('sign in with Google in your browser')
    .option('--client <file>', 'the JSON of another OAuth client than before')
    .option('--no-browser', 'only print the address to open')
    .option('--switch-account', 'take another account than before; the snapshots stay in the former one');
  onClient(common(signInCommand, 'nightjar destination sign-in gdrive'), signInNamed);

  const setCommand = withTransferOptions(
    destinations.command('set <name>').description('change how a destination in Google Drive is reached'),
  );
  onClient(common(setCommand, 'nightjar destination set gdrive --chunk-size 8M --bandwidth 2M'), setNamed);
}

function withTransferOptions(command: Command): Command {
  return command
    .option('--chunk-size <size>', 'how much is sent at a time, a multiple of 256K (default: 16M)', sizeInBytes)
    .option('--bandwidth <size>', 'at most so much a second, up and down; "none" for no limit', (value) =>
      value === 'none' ? value : sizeInBytes(value),
    )
    .option('--api-root <url>', 'send every call there instead of to Google, for gateways and tests; "none" for Google');
}

async function addNamed({ client, output, signal }: ClientSession, options: AddDriveOptions, name: string): Promise<ExitCode> {
  const { client: clientFile, credentials, folder = usualFolder } = options;
  if ((clientFile === undefined) === (credentials === undefined)) {
    throw new BackupError('usage-invalid', 'say how to sign in: either --client FILE or --credentials DIR', {
      hint: 'the README says how to get an OAuth client of your own',
    });
  }
  const config = checkConfig({
    kind: 'drive',
    name: checkName(name),
    folder,
    folderId: null,
    credentials: credentials === undefined ? { kind: 'own' } : { kind: 'shared', path: resolve(credentials) },
    account: null,
    ...transferOf(options),
  });
  const added = { config, ...(clientFile === undefined ? {} : { clientFile: resolve(clientFile) }) };
  const connected = await client.destinations.addDrive(added, { signal });
  if (connected) return printConnected(output, connected);
  output.document({ destination: destinationNamed(await client.settings.get(), name), signedIn: false });
  output.line(`${output.style('green', '✓')} ${name} is set up; now sign in: nightjar destination sign-in ${name}`);
  return 0;
}

/** The browser is opened here, where the person is; the engine may run without a screen. */
async function signInNamed(session: ClientSession, options: SignInOptions, name: string): Promise<ExitCode> {
  const { client, output, ports, signal } = session;
  const { browser = true, client: clientFile, switchAccount = false } = options;
  const asked = { name, switchAccount, ...(clientFile === undefined ? {} : { clientFile: resolve(clientFile) }) };
  const connected = await followWith(await client.destinations.signIn(asked, { signal }), ({ url }) => {
    output.note(`Allow Nightjar in your browser. If none opens, open this address on this machine:\n${url}`);
    // Where no browser opens, the address was told.
    if (browser) void ports.openUrl(url).catch(() => false);
  });
  return printConnected(output, connected);
}

async function setNamed({ client, output }: ClientSession, options: TransferOptions, name: string): Promise<ExitCode> {
  const before = destinationNamed(await client.settings.get(), name);
  // Checked here first, where the names of the options are known.
  if (before.kind === 'drive') checkConfig({ ...before, ...transferOf(options) });
  const config = await client.destinations.set({ name: before.name, ...transferOf(options) });
  output.document({ destination: config });
  output.line(`${output.style('green', '✓')} changed ${config.name}`);
  return 0;
}

function transferOf({ apiRoot, bandwidth, chunkSize }: TransferOptions) {
  return {
    ...(chunkSize === undefined ? {} : { chunkBytes: chunkSize }),
    ...(bandwidth === undefined ? {} : { bandwidth: bandwidth === 'none' ? null : bandwidth }),
    ...(apiRoot === undefined ? {} : { apiRoot: unlessNone(apiRoot) }),
  };
}

const optionNames = { chunkBytes: '--chunk-size', bandwidth: '--bandwidth', apiRoot: '--api-root', folder: '--folder' };

function checkConfig(config: object): Omit<DriveConfig, 'id'> {
  const { success, data, error } = driveConfigSchema.omit({ id: true }).loose().safeParse(config);
  if (success) return data;
  throw new BackupError('usage-invalid', `this destination cannot be set up: ${issuesOf(error, optionNames)}`, {
    hint: 'see: nightjar destination add drive --help',
  });
}

function printConnected(output: Output, { account, config, found }: Connected): ExitCode {
  output.document({ destination: config, signedIn: true, account, endsAt: instant(config.signInEndsAtMs), found });
  output.line(`${output.style('green', '✓')} ${config.name} is ${config.folder} in the Google Drive of ${account.email}`);
  for (const message of found) output.line(`  ${message}`);
  if (config.signInEndsAtMs !== null) {
    const ends = formatInstant(config.signInEndsAtMs);
    output.note(`warning: this sign-in ends by itself on ${ends}: the consent screen of your OAuth client is in "Testing"`);
  }
  return 0;
}
