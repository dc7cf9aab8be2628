import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'redis-server',
    // A failover takes seconds, and some tests wait for several.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is awaited comes at once on an idle machine; on a busy one it may take its time.
    expect: { poll: { timeout: 30_000 } },
    include: ['test/**/*.test.ts'],
  },
});
