import { defineConfig } from 'electron-vite';
import app from '../../electron.vite.config.ts';

const { main = {}, preload = {} } = app;

/** The app without the window's page, which is built for all tests. */
export default defineConfig({ main, preload });
