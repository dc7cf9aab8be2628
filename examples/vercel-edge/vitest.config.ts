import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'example-vercel-edge',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // What is awaited comes at once on an idle machine; on a busy one it may take its time.
    expect: { poll: { timeout: 10_000 } },
    include: ['test/**/*.test.ts'],
  },
});
