import { readFile } from 'node:fs/promises';
import { connectEngine } from '../api/engine-connection.ts';
import { openWhenFree } from '../api/reach-engine.ts';
import { BackupError, errorFacts } from '../domain/errors.ts';
import { fullSentence } from '../domain/sentence.ts';
import type { Engine } from '../engine/engine.ts';
import type { Home } from '../engine/home.ts';
import { runCommand } from '../engine/platform/command.ts';
import { startDeadline } from '../engine/platform/deadline.ts';
import { readHolder } from '../engine/platform/holder.ts';
import type { Clock, Ports } from '../engine/ports.ts';
import type { Dialog } from './electron-api.ts';

/** How long a command that is about to end is waited for, in milliseconds. */
const waitMs = 4000;

/**
 * Opens the engine of the data folder; `null` where it cannot be opened, once a person has read why. Where another Nightjar is at work in there,
 * they are told which one and may open its window in their browser.
 */
export async function openOrExplain(dialog: Dialog, home: Home, ports: Ports): Promise<Engine | null> {
  try {
    return await openWhenFree(home, ports, { withinMs: waitMs, signal: new AbortController().signal });
  } catch (error) {
    if (error instanceof BackupError && error.code === 'home-busy') await explainHolder(dialog, home, ports, error);
    else await explain(dialog, error);
    return null;
  }
}

async function explain(dialog: Dialog, error: unknown): Promise<void> {
  const { hint, message } = errorFacts(error);
  await dialog.showMessageBox({
    type: 'error',
    title: 'Nightjar',
    message: 'Nightjar cannot begin',
    detail: `${fullSentence(message)}${hint === undefined ? '' : `\n\n${fullSentence(hint)}`}`,
    buttons: ['Quit'],
  });
}

async function explainHolder(dialog: Dialog, home: Home, ports: Ports, busy: BackupError): Promise<void> {
  const holder = readHolder(home.path);
  const command = holder === null ? null : await commandOfProcess(holder.pid, ports.clock);
  const who = command === null ? '' : `\n\nIt is: ${command}`;
  const { response } = await dialog.showMessageBox({
    type: 'info',
    title: 'Nightjar',
    message: 'Another Nightjar is at work',
    detail: `${fullSentence(busy.message)}${who}\n\nTwo at once would be in each other's way. End that one to use the app, or open its window in your browser.`,
    buttons: ['Open its window', 'Quit'],
    defaultId: 0,
    cancelId: 1,
  });
  if (response !== 0 || (await openItsWindow(home, ports))) return;
  await explain(
    dialog,
    new BackupError('home-busy', 'the other Nightjar has no window, or does not answer', { hint: 'end it, and open the app again' }),
  );
}

/** Opens the window of the other one in the browser; resolves to whether it has any. */
async function openItsWindow(home: Home, ports: Ports): Promise<boolean> {
  const late = startDeadline(ports.clock, waitMs, () => new BackupError('timed-out', 'the other Nightjar does not answer'));
  try {
    const connection = await connectEngine(home, ports.program, late.signal);
    if (connection === null) return false;
    try {
      return await ports.openUrl((await connection.client.engine.window()).url);
    } finally {
      await connection.close();
    }
  } catch {
    return false; // It says why itself, to those who ask in a terminal.
  } finally {
    late.stop();
  }
}

/** The command line of a process; `null` where the system does not tell. */
async function commandOfProcess(pid: number, clock: Clock): Promise<string | null> {
  try {
    if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ').trim();
    if (process.platform !== 'darwin') return null;
    const command = {
      program: '/bin/ps',
      args: ['-o', 'command=', '-p', String(pid)],
      cwd: '/',
      env: {},
      limitMs: 2000,
      maxOutputBytes: 65_536,
    };
    return (await runCommand(command, clock)).stdout.toString('utf8').trim() || null;
  } catch {
    return null;
  }
}
