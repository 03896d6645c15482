import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  // Each has an app and a data folder of its own; two at once would only share the screen.
  workers: 1,
  // Against hanging, not for speed.
  timeout: 180_000,
  reporter: 'line',
});
