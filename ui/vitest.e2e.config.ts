import { defineConfig } from 'vitest/config';

/** The real console in a real browser, against the server at WAYBILL_URL. */
export default defineConfig({
  test: { include: ['e2e/**/*.test.ts'], testTimeout: 150_000, hookTimeout: 150_000, fileParallelism: false },
});
