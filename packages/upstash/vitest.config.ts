import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'upstash',
    testTimeout: 30_000,
    include: ['test/**/*.test.ts'],
    typecheck: {
      enabled: true,
      include: ['test/**/*.test-d.ts'],
      tsconfig: './test/tsconfig.json',
    },
  },
});
