import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'chaos',
    // A round of faults, and the time to come back from it.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    include: ['test/**/*.test.ts'],
  },
});
