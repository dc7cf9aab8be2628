import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'cli',
    include: ['test/**/*.test.ts'],
    // Each test starts the program, several times.
    testTimeout: 60_000,
    // More would only wait for the processors.
    maxConcurrency: 3,
  },
});
