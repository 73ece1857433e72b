import { defineConfig } from 'vitest/config';

/** Measurements, which no run of tests repeats. */
export default defineConfig({ test: { include: ['e2e/measure.ts'], silent: false } });
