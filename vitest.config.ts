import { defineConfig } from 'vitest/config';
import { compileCache } from './tests/support/compile-cache.ts';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    env: { NODE_COMPILE_CACHE: compileCache },
    globalSetup: ['tests/support/built-page.ts'],
    // Processes, not threads: tests kill workers, change folders and hold locks that a process shares.
    pool: 'forks',
    isolate: true,
    maxWorkers: 2,
    // Against hanging, not for speed: a machine may be busy, and its disk slow.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
