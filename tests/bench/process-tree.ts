import { readdirSync, readFileSync } from 'node:fs';

/** Whether this system tells about processes as Linux does. */
export const canReadProcesses = process.platform === 'linux';

/** A process and all its descendants that live at this moment. */
export function processTree(root: number): number[] {
  const tree = [root];
  for (const pid of tree) tree.push(...childrenOf(pid));
  return tree;
}

/**
 * The proportional set size of these processes: each page that several of them share is counted once in all. File pages that are
 * mapped count, the page cache does not.
 */
export function proportionalBytes(pids: readonly number[]): number {
  let kibibytes = 0;
  for (const pid of pids) kibibytes += Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  return kibibytes * 1024;
}

function childrenOf(pid: number): number[] {
  return list(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  );
}

/** A process may be gone between two looks. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
