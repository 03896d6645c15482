import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { type DriveConfig, driveConfigSchema, sameName } from '../../domain/model.ts';
import type { Connected } from '../../domain/outcomes.ts';
import { addDrive, signInTo } from '../../engine/operations/connect.ts';
import { destinationNamed } from '../../engine/settings-store.ts';
import { instant } from '../documents.ts';
import type { ExitCode } from '../exit-code.ts';
import { checkName, common, sizeInBytes } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, type EngineSession, onEngine } from '../session.ts';
import { formatInstant } from '../text.ts';
import { refuseTaken } from './taken-name.ts';

interface TransferOptions extends CommonOptions {
  readonly chunkSize?: number;
  readonly bandwidth?: number | null;
  readonly apiRoot?: string | null;
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
  onEngine(common(addCommand, 'nightjar destination add drive gdrive --client ~/client.json'), addNamed);

  const signInCommand = destinations
    .command('sign-in <name>')
    .description('sign in with Google in your browser')
    .option('--client <file>', 'the JSON of another OAuth client than before')
    .option('--no-browser', 'only print the address to open')
    .option('--switch-account', 'take another account than before; the snapshots stay in the former one');
  onEngine(common(signInCommand, 'nightjar destination sign-in gdrive'), signInNamed);

  const setCommand = withTransferOptions(
    destinations.command('set <name>').description('change how a destination in Google Drive is reached'),
  );
  onEngine(common(setCommand, 'nightjar destination set gdrive --chunk-size 8M --bandwidth 2M'), setNamed);
}

function withTransferOptions(command: Command): Command {
  return command
    .option('--chunk-size <size>', 'how much is sent at a time, a multiple of 256K (default: 16M)', sizeInBytes)
    .option('--bandwidth <size>', 'at most so much a second, up and down; "none" for no limit', (value) =>
      value === 'none' ? null : sizeInBytes(value),
    )
    .option('--api-root <url>', 'send every call there instead of to Google, for gateways and tests; "none" for Google', (value) =>
      value === 'none' ? null : value,
    );
}

async function addNamed({ engine, output, signal }: EngineSession, options: AddDriveOptions, name: string): Promise<ExitCode> {
  const { client, credentials, folder = usualFolder } = options;
  if ((client === undefined) === (credentials === undefined)) {
    throw new BackupError('usage-invalid', 'say how to sign in: either --client FILE or --credentials DIR', {
      hint: 'the README says how to get an OAuth client of your own',
    });
  }
  checkName(name);
  refuseTaken(engine, (other) => sameName(other.name, name));
  const config = checkConfig({
    kind: 'drive',
    name,
    id: engine.ports.ids.make('dest'),
    folder,
    folderId: null,
    credentials: credentials === undefined ? { kind: 'own' } : { kind: 'shared', path: resolve(credentials) },
    account: null,
    ...transferOf(options),
  });
  const connected = await addDrive(engine, config, client === undefined ? undefined : resolve(client), signal);
  if (connected) return printConnected(output, connected);
  output.document({ destination: config, signedIn: false });
  output.line(`${output.style('green', '✓')} ${name} is set up; now sign in: nightjar destination sign-in ${name}`);
  return 0;
}

async function signInNamed({ engine, output, signal }: EngineSession, options: SignInOptions, name: string): Promise<ExitCode> {
  const { browser = true, client, switchAccount = false } = options;
  const clientFile = client === undefined ? undefined : resolve(client);
  const onUrl = (url: string) => output.note(`Allow Nightjar in your browser. If none opens, open this address on this machine:\n${url}`);
  return printConnected(output, await signInTo(engine, name, { browser, clientFile, onUrl, signal, switchAccount }));
}

async function setNamed({ engine, output }: EngineSession, options: TransferOptions, name: string): Promise<ExitCode> {
  const before = destinationNamed(engine.settings.current, name);
  if (before.kind !== 'drive') throw new BackupError('usage-invalid', `${before.name} is a folder: it has no such settings`);
  const config = checkConfig({ ...before, ...transferOf(options) });
  engine.settings.change((settings) => ({
    ...settings,
    destinations: settings.destinations.map((other) => (other.name === config.name ? config : other)),
  }));
  output.document({ destination: config });
  output.line(`${output.style('green', '✓')} changed ${config.name}`);
  return 0;
}

function transferOf({ apiRoot, bandwidth, chunkSize }: TransferOptions) {
  return {
    ...(chunkSize === undefined ? {} : { chunkBytes: chunkSize }),
    ...(bandwidth === undefined ? {} : { bandwidth }),
    ...(apiRoot === undefined ? {} : { apiRoot }),
  };
}

const optionNames = { chunkBytes: '--chunk-size', bandwidth: '--bandwidth', apiRoot: '--api-root', folder: '--folder' };

function checkConfig(config: unknown): DriveConfig {
  const parsed = driveConfigSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new BackupError('usage-invalid', `this destination cannot be set up: ${issuesOf(parsed.error, optionNames)}`, {
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
