import { fileURLToPath } from 'node:url';

/** Compiling the sources is most of what a command costs; all processes of the tests share it (`NODE_COMPILE_CACHE`). */
export const compileCache = fileURLToPath(new URL('../../node_modules/.cache/compile/', import.meta.url));
