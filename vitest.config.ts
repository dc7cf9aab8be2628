import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'examples/*', 'tooling/*', 'runtime-tests', 'bench'],
    passWithNoTests: false,
  },
});
