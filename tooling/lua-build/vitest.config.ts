import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'lua-build',
    include: ['test/**/*.test.ts'],
  },
});
