import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const entry = fileURLToPath(new URL('../../renderer/client.ts', import.meta.url));

/** Builds the part of the page that speaks with the engine as a file of its own, the way that the page is built. Resolves to its path. */
export async function buildClient(folder: string): Promise<string> {
  const lib = { entry, formats: ['es' as const], fileName: 'page-client' };
  await build({ configFile: false, logLevel: 'warn', build: { outDir: folder, emptyOutDir: false, target: 'es2024', minify: true, lib } });
  return join(folder, 'page-client.js');
}
