import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDriveServer } from '../support/drive-server.ts';

const usage = `Plays Google Drive on 127.0.0.1, for trying things out without an account.

  --port N      the port to listen on (8585)
  --folder DIR  where files and sign-ins are kept; by default they are gone at the end
  --quota BYTES the size of the account; unlimited by default
`;

/** Runs the server until it is told to stop. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8585' },
      folder: { type: 'string' },
      quota: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  const port = readNumber('--port', values.port);
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await using server = await startDriveServer({
    port,
    consent: 'ask',
    ...(values.folder === undefined ? {} : { folder: values.folder }),
    ...(values.quota === undefined ? {} : { quotaBytes: readNumber('--quota', values.quota) }),
  });
  const client = join(server.folder, 'client.json');
  await server.clientFile(client);
  process.stdout.write(`Google Drive is played at ${server.url}, until Ctrl-C.
The client file is ${client}

  nightjar destination add drive test --client ${client} --api-root ${server.url}
  nightjar destination sign-in test
`);
  await stopped;
}

function readNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${name} needs a whole number, not ${text}`);
  return Number(text);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
