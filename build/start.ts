import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../electron/engine/platform/clock.ts';
import { tellFromEcho } from '../electron/engine/platform/ctrl-c.ts';
import { openInBrowser } from '../electron/engine/platform/open-url.ts';
import { fetchElectron, findElectron } from './electron-program.ts';
import { type Machine, planAfterApp, planStart } from './start-plan.ts';

/** How long a line may be silent while Electron is fetched. */
const patienceMs = 20_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const electronFolder = dirname(fileURLToPath(import.meta.resolve('electron/package.json')));
const machine: Machine = { platform: process.platform, environment: process.env, userId: process.getuid?.() ?? null };
const { values: wanted } = parseArgs({ options: { build: { type: 'boolean', default: true } }, allowNegative: true });
const stop = new AbortController();
const under: Set<ChildProcess> = new Set();

const isWish = tellFromEcho(systemClock);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (!isWish()) return;
    stop.abort();
    for (const child of under) child.kill(name);
  });
}

process.exitCode = await start();

/** Opens the window, and resolves to the exit code of what showed it. */
async function start(): Promise<number> {
  let plan = planStart(machine, findElectron(electronFolder, process.env));
  if (plan.next === 'fetch-electron') {
    say('Fetching Electron, which happens once; it is about 110 MB.');
    plan = planStart(machine, await fetchElectron(electronFolder, { patienceMs, environment: process.env, signal: stop.signal }));
  }
  if (stop.signal.aborted) return 130;
  if (plan.next === 'open-app') {
    const code = await openApp(plan.program);
    const instead = planAfterApp(code);
    if (instead === null || stop.signal.aborted) return code;
    plan = instead;
  }
  return plan.next === 'open-browser' ? openWindow(plan.notice) : 1;
}

async function openApp(program: string): Promise<number> {
  const built = await build('electron-vite/bin/electron-vite.js');
  // Electron would be plain Node with it.
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  return built === 0 ? codeOf(run(program, [root], { env })) : built;
}

/** `nightjar serve`, with its window in the browser. */
async function openWindow(notice: string): Promise<number> {
  say(notice);
  const built = await build('vite/bin/vite.js');
  if (built !== 0) return built;
  const child = run(process.execPath, [join(root, 'electron/headless/launcher.cjs'), 'serve', '--json'], { stdout: 'pipe' });
  const ended = codeOf(child);
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const wasReady = addressIn(said) !== null;
    said += text;
    const url = addressIn(said);
    if (url !== null && !wasReady) showWindow(url);
  });
  return ended;
}

function addressIn(said: string): string | null {
  return /"window": ?"([^"]+)"/.exec(said)?.[1] ?? null;
}

function showWindow(url: string): void {
  say(`Nightjar is at work until Ctrl-C; its window, for one browser and one hour: ${url}`);
  void openInBrowser(url);
}

/** Makes anew what is opened, unless it was said not to. */
async function build(tool: string): Promise<number> {
  return wanted.build ? codeOf(run(process.execPath, [join(root, 'node_modules', tool), 'build', '--logLevel', 'warn'])) : 0;
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdout?: 'pipe';
}

/**
 * Starts a program in a group of its own, where there are groups: a terminal's Ctrl-C then reaches this one alone, which passes it on once. A
 * second one means something else.
 */
function run(program: string, args: readonly string[], { env = process.env, stdout }: RunOptions = {}): ChildProcess {
  const child = spawn(program, args, {
    cwd: root,
    env,
    detached: process.platform !== 'win32',
    stdio: ['ignore', stdout ?? 'inherit', 'inherit'],
  });
  under.add(child);
  child.once('exit', () => under.delete(child));
  return child;
}

/** The exit code of a program; 127, as a shell has it, for one that could not be started. */
async function codeOf(child: ChildProcess): Promise<number> {
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 130;
  } catch {
    return 127;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
