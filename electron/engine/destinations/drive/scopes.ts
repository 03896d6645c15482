/** Files that Nightjar itself has made: the least that it needs. */
export const driveFileScope = 'https://www.googleapis.com/auth/drive.file';

/** Every file in the Drive; what credentials of other programs usually have. */
export const fullDriveScope = 'https://www.googleapis.com/auth/drive';

/** The scopes of a space-separated text, as OAuth writes them. */
export function parseScopes(text: string): string[] {
  return text.split(/\s+/).filter((scope) => scope !== '');
}

/** What was asked for and not granted; the full Drive includes every narrower scope of it. */
export function lackingScopes(granted: readonly string[], asked: readonly string[]): string[] {
  return asked.filter((scope) => !granted.includes(scope) && !(scope.startsWith(`${fullDriveScope}.`) && granted.includes(fullDriveScope)));
}
