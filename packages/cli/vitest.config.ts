import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'cli',
    // Each test starts the program, several times.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is awaited comes at once on an idle machine; on a busy one it may take its time.
    expect: { poll: { timeout: 20_000 } },
    include: ['test/**/*.test.ts'],
    // More would only wait for the processors.
    maxConcurrency: 3,
  },
});
