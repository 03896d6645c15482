import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import windowConfig from './vite.config.ts';

function source(path: string): string {
  return fileURLToPath(new URL(`./electron/${path}`, import.meta.url));
}

/** The only package that stays outside: its native module cannot be bundled. */
const external = ['electron', 'better-sqlite3'];

/** The app: everything but the native module in a few files. */
export default defineConfig({
  main: {
    build: {
      externalizeDeps: false,
      rollupOptions: {
        external,
        input: { index: source('main.ts'), 'sqlite-worker': source('engine/sqlite/sqlite-worker.ts') },
        // All in one folder: modules find their workers beside themselves.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      // A sandboxed preload must be CommonJS.
      rollupOptions: { external, input: { index: source('preload.ts') }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: windowConfig,
});
