import { rmSync } from 'node:fs';

// What was built before may hold files whose sources are gone.
rmSync(new URL('../out', import.meta.url), { recursive: true, force: true });
