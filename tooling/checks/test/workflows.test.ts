import { expect, test } from 'vitest';
import { workflowProblems } from '../src/workflows.ts';

const sha = '1af3b93b6815bc44a9784bd300feb67ff0d1eeb3';
const workflow = (steps: string): string => `jobs:\n  test:\n    steps:\n${steps}`;
const good = workflow(`      - uses: actions/checkout@${sha} # v6.0.0\n      - run: bash .ci/run\n`);

function problemsOf(text: string, packageManager = 'pnpm@12.21.0'): string[] {
  return workflowProblems({ ciRun: 'npx --yes pnpm@12 test', workflows: { 'ci.yml': text }, packageManager });
}

test('a workflow that runs .ci/run with pinned actions has no problems', () => {
  expect(problemsOf(good)).toEqual([]);
});

test('a workflow with commands of its own is a problem', () => {
  expect(problemsOf(workflow('      - run: pnpm test\n'))).toEqual(['ci.yml: no step runs exactly `bash .ci/run`']);
});

test('an action that is pinned by a tag is a problem', () => {
  expect(problemsOf(good.replace(`${sha} # v6.0.0`, 'v6'))).toEqual([
    'ci.yml: `uses: actions/checkout@v6` must be a full commit with its version as a comment',
  ]);
});

test("another pnpm than the project's is a problem", () => {
  expect(problemsOf(`${good}      - run: npx pnpm@11 publish\n`)).toEqual([
    'ci.yml: runs pnpm@11 where the project has pnpm 12',
  ]);
  expect(problemsOf(good, 'pnpm@13.0.0')).toEqual(['.ci/run: must run `npx --yes pnpm@13 test`']);
});
