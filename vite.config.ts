import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The window's page, for the app and for browsers; relative to nothing but its own origin. */
export default defineConfig({
  root: fileURLToPath(new URL('./renderer/', import.meta.url)),
  base: '/',
  plugins: [react()],
  // Whoever serves the page puts a new one in its place for every answer.
  html: { cspNonce: 'NIGHTJAR-STYLE-NONCE' },
  build: {
    outDir: fileURLToPath(new URL('./out/renderer', import.meta.url)),
    emptyOutDir: true,
    target: 'es2024',
    // Said here, since electron-vite has another default.
    minify: true,
    // No data: addresses for scripts or styles; small pictures may be.
    modulePreload: { polyfill: false },
    rollupOptions: { input: fileURLToPath(new URL('./renderer/index.html', import.meta.url)) },
  },
});
