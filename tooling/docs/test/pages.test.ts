/** What the pages say is true: their programs compile and run, their links lead somewhere, and the map of the tree is the tree. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { links, pages, root, snippets } from '../src/pages.ts';

const here = join(root, 'tooling/docs');
const folder = join(here, 'snippets');
const all = pages();
const programs = all
  .flatMap(snippets)
  .map(({ at, code }) => ({ at, code, file: join(folder, `${at.replace(/[^\w]+/g, '-')}.ts`) }));

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of programs) writeFileSync(file, `${code}\nexport {};\n`);
});

test('there are pages with programs', () => {
  expect(all.map(({ path }) => path)).toContain('README.md');
  expect(programs.length).toBeGreaterThan(5);
});

test('every program compiles as in a strict project', () => {
  const { stdout, status } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.snippets.json'], {
    cwd: here,
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  expect(status).toBe(0);
}, 60_000);

describe('every program runs to its end:', () => {
  test.each(programs)(
    '$at',
    ({ file }) => {
      const env = { ...process.env, NODE_OPTIONS: '' };
      // It throws with what the program wrote if that fails.
      execFileSync(process.execPath, [file], { cwd: here, env, encoding: 'utf8', timeout: 50_000 });
    },
    60_000,
  );
});

test('every link leads to something', () => {
  const broken = all.flatMap((page) =>
    links(page)
      .filter((target) => !existsSync(join(root, dirname(page.path), target)))
      .map((target) => `${page.path} → ${target}`),
  );
  expect(broken).toEqual([]);
});

test('the map in ARCHITECTURE.md names every source file of core, and nothing else', () => {
  const page = all.find(({ path }) => path === 'ARCHITECTURE.md')?.text ?? '';
  const [map = ''] = /^packages\/core\/.*?^packages\/(?!core)/ms.exec(page) ?? [];
  const named = Array.from(map.matchAll(/^ {2}(src\/[\w./-]+\.ts) /gm), ([, file = '']) => file).sort();
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src/*.ts'], {
    cwd: join(root, 'packages/core'),
    encoding: 'utf8',
  });
  const real = listed
    .split('\n')
    .filter((file) => file !== '' && !file.endsWith('/index.ts') && !file.startsWith('src/conformance/'));
  expect(named).toEqual(real.sort());
});
