import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The commands of a restore recipe as they stand in its text, each block by what it is for. */
export interface RecipeCommands {
  readonly unpackFull: string;
  readonly unpackBoth: string;
  /** Lines of Python, and the command that runs them from `restore.py`. */
  readonly python: string;
  readonly runPython: string;
  readonly dd: string;
  readonly check: string;
}

/** Takes the commands out of a recipe's text: they stand between lines of three backticks. */
export function commandsOf(recipe: string): RecipeCommands {
  const blocks = [...recipe.matchAll(/^```\n(.*?)^```$/gms)].map(([, commands = '']) => commands);
  const [unpackFull = '', unpackBoth = '', python = '', runPython = '', dd = '', check = '', ...more] = blocks;
  if (check === '' || more.length > 0) throw new Error(`the recipe has ${blocks.length} blocks of commands`);
  return { unpackFull, unpackBoth, python, runPython, dd, check };
}

/** What commands said and how they ended. */
export interface Answer {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly complaint: string;
}

/** Runs commands as a person would who types them into a shell in that folder. */
export function runCommands(commands: string, folder: string): Answer {
  const { status, stdout, stderr, error } = spawnSync('sh', ['-c', commands], { cwd: folder, encoding: 'utf8' });
  if (error) throw error;
  return { code: status, lines: stdout.trimEnd().split('\n'), complaint: stderr };
}

/** The first of these tools that is not here; `undefined` where all are. */
export function missingTool(...tools: readonly string[]): string | undefined {
  return tools.find((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
}

/** Follows the recipe for a delta in a folder that holds both objects: the answer of its last block. */
export function followRecipe(how: 'python' | 'dd', recipe: string, folder: string): Answer {
  const { unpackBoth, python, runPython, dd } = commandsOf(recipe);
  writeFileSync(join(folder, 'restore.py'), python);
  const unpacked = runCommands(unpackBoth, folder);
  if (unpacked.code !== 0) return unpacked;
  return runCommands(how === 'python' ? runPython : dd, folder);
}

/** Whether an answer of followRecipe says that what was restored is right. */
export function saysRight(how: 'python' | 'dd', { code, lines }: Answer): boolean {
  if (how === 'python') return code === 0 && lines.at(-1) === 'restored.db is right';
  const [wanted, found] = lines.slice(-2).map((line) => line.slice(0, 64));
  return code === 0 && wanted?.length === 64 && wanted === found;
}
