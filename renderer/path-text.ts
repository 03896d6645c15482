/** True for a path that says where it is by itself: from a root on, or from the person's own folder. */
export function isWholePath(text: string): boolean {
  return /^(\/|[A-Za-z]:[\\/]|\\\\|~([\\/]|$))/.test(text);
}

/** The same path with the person's own folder instead of `~`; a bare `~` may still become something else. */
export function withHome(text: string, home: string): string {
  return /^~[\\/]/.test(text) ? `${home.replace(/[\\/]$/, '')}${text.slice(1)}` : text;
}

/** The last part of a path: what a file is called. */
export function nameOfPath(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
