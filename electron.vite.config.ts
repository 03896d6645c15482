import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import windowConfig from './vite.config.ts';

function source(path: string): string {
  return fileURLToPath(new URL(`./electron/${path}`, import.meta.url));
}

/** The only package that stays outside: its native module cannot be bundled. */
const external = ['electron', 'better-sqlite3'];

/** Puts the icons that the app shows beside it, under their own names: macOS and screens with more pixels know them by those. */
function copyIcons(): Plugin {
  return {
    name: 'copy-icons',
    writeBundle({ dir }) {
      const icons = join(dir ?? fileURLToPath(new URL('out/main', import.meta.url)), '../icons');
      cpSync(fileURLToPath(new URL('build/icons/tray', import.meta.url)), icons, { recursive: true });
      cpSync(fileURLToPath(new URL('build/icons/app/256x256.png', import.meta.url)), join(icons, 'nightjar.png'));
    },
  };
}

/** The app: everything but the native module in a few files. */
export default defineConfig({
  main: {
    plugins: [copyIcons()],
    build: {
      externalizeDeps: false,
      rollupOptions: {
        external,
        input: { index: source('main.ts'), 'sqlite-worker': source('engine/sqlite/sqlite-worker.ts') },
        // All in one folder: modules find their workers beside themselves.
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
          // Names and lines stay as they are, for the stacks in logs; what documents packages is a tenth of it.
          comments: { jsdoc: false, annotation: false },
        },
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
