/** The tables and plots of `docs/` are what the kept results make, so that nobody types a figure. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DOCS, generate } from '../src/pages.ts';
import { commit, readResults } from '../src/results.ts';
import { sections } from '../src/sections/index.ts';

const results = readResults();
const generated = await generate(results);

test('every section has kept results, and no other has', () => {
  expect([...results.keys()].sort()).toEqual(Object.keys(sections).sort());
});

test.each([...generated.keys()])('%s is what the results make (`npx --yes pnpm@12 bench --pages`)', (file) => {
  expect(existsSync(`${DOCS}${file}`)).toBe(true);
  expect(readFileSync(`${DOCS}${file}`, 'utf8')).toBe(generated.get(file));
});

test('no plot is left of what is measured no longer', () => {
  const plots = readdirSync(`${DOCS}plots`).map((file) => `plots/${file}`);
  expect(plots.sort()).toEqual([...generated.keys()].filter((file) => file.startsWith('plots/')).sort());
});

test('a page says at which commit its sections were measured', async () => {
  const idle = results.get('idle');
  if (idle === undefined) throw new Error('The section idle has no kept results');
  const measuredAt = async (commit: string) => {
    const page = (await generate(new Map(results).set('idle', { ...idle, commit }))).get('performance.md') ?? '';
    return /idle: begin -->\nMeasured on .*, \d{4}-\d\d-\d\d(.*)\.\n/.exec(page)?.[1];
  };
  expect(await measuredAt('0123456789')).toBe(', at commit 0123456789');
  expect(await measuredAt('0123456789+')).toBe(', at commit 0123456789 with changes');
  expect(await measuredAt('unknown')).toBe(', at an unknown commit');
});

test('a commit is told by ten digits, with a mark where sources have changed since', () => {
  expect(commit()).toMatch(/^(?:[0-9a-f]{10}\+?|unknown)$/);
});
