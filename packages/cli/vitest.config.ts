import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'cli',
    include: ['test/**/*.test.ts'],
    // Each test starts the program, several times.
    testTimeout: 60_000,
  },
});
