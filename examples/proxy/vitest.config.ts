import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'example-proxy',
    include: ['test/**/*.test.ts'],
  },
});
