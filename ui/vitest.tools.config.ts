import { defineConfig } from 'vitest/config';

/** Measurements and the guide's pictures, which no run of tests repeats. */
export default defineConfig({ test: { include: ['e2e/measure.ts', 'e2e/guide.ts'], silent: false } });
