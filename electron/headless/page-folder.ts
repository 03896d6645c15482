import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the window's built page, beside the program; `null` in a checkout where it was not built: `npm run build:window`. */
export function findPageFolder(): string | null {
  const isSource = import.meta.url.endsWith('.ts');
  const folder = fileURLToPath(new URL(isSource ? '../../out/renderer' : '../renderer', import.meta.url));
  return existsSync(folder) ? folder : null;
}
