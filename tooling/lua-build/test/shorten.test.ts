import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { buildScripts, flatten } from '../src/build.ts';
import { shorten } from '../src/shorten.ts';

const shortened = (source: string) => shorten([source])[0];

test('locals, parameters, functions and counters get short names, each the same one everywhere', () => {
  const source = [
    'local function total(first, last)',
    'local sum = 0',
    'for place = first, last do sum = sum + KEYS[place] end',
    'return sum',
    'end',
    'return total(1, #KEYS)',
  ].join('\n');
  // The one that is used most is `a`; of two that are used as often, the first in the alphabet comes first.
  expect(shortened(source)).toBe(
    'local function e(b,c)\nlocal a=0\nfor d=b,c do a=a+KEYS[d]end\nreturn a\nend\nreturn e(1,#KEYS)',
  );
});

test('fields, keys of tables, texts and what Redis gives are left alone', () => {
  const source =
    "local health, at = { health = 'health at', at = 1 }, redis.call('GET', KEYS[1])\nreturn health.at == at";
  expect(shortened(source)).toBe("local b,a={health='health at',at=1},redis.call('GET',KEYS[1])\nreturn b.at==a");
});

test('what stands in brackets within a table is no key', () => {
  expect(shortened('local row = 1\nreturn { [row] = row, row == 1, string.len(row) }')).toBe(
    'local a=1\nreturn{[a]=a,a==1,string.len(a)}',
  );
});

test('what would be read as one stays apart', () => {
  expect(shortened("local one = 1\nreturn 1 .. one .. 'x', one - -one, not one and 2 or one")).toBe(
    "local a=1\nreturn 1 ..a..'x',a- -a,not a and 2 or a",
  );
});

test('a name is the same in every script, and never a word of Lua', () => {
  const names = Array.from({ length: 800 }, (_, n) => `name${n}`);
  const [all = '', one] = shorten([names.map((name) => `local ${name} = 1`).join('\n'), 'local name700 = 2']);
  const given = all.split('\n').map((line) => line.slice('local '.length, -'=1'.length));
  expect(new Set(given).size).toBe(800);
  expect(['do', 'if', 'in', 'or'].filter((word) => given.includes(word))).toEqual([]);
  expect(one).toBe(`local ${given[700]}=2`);
});

test('a name that nobody has declared, a local that hides a global, and what is no Lua of ours are refused', () => {
  expect(() => shortened('local count = 1\nreturn coutn')).toThrow('coutn is neither a local nor known as a global');
  expect(() => shortened('local table = {}')).toThrow('the local table hides a global');
  expect(() => shortened('return "text"')).toThrow('what is this? "text"');
});

test('our scripts lose names and spaces, and nothing else', () => {
  const folder = fileURLToPath(new URL('../../../packages/core/src/redis/lua', import.meta.url));
  const shortOf = new Map<string, string>();
  for (const { name, source } of buildScripts(folder)) {
    const [before, after] = [flatten(folder, `${name}.lua`), source];
    expect(after.replace(WORD, '').replace(/[ \n]/g, ''), name).toBe(before.replace(WORD, '').replace(/[ \n]/g, ''));
    const [words, shortened] = [before.match(WORD) ?? [], after.match(WORD) ?? []];
    expect(shortened.length, name).toBe(words.length);
    for (const [n, word] of words.entries()) {
      const short = shortened[n] as string;
      if (short === word) continue;
      expect(shortOf.get(word) ?? short, `${word} in ${name}`).toBe(short);
      shortOf.set(word, short);
    }
  }
  expect(new Set(shortOf.values()).size).toBe(shortOf.size);
  expect(shortOf.size).toBeGreaterThan(50);
});

/** Names, numbers and texts. */
const WORD = /'(?:\\.|[^'\\])*'|\w+/g;
