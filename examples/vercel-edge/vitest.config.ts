import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'example-vercel-edge',
    include: ['test/**/*.test.ts'],
  },
});
