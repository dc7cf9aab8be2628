/** Lua as short as it can be said: names of locals in a letter or two, and no space that only people need. Lines stay what they were, for errors. */

/** Names that Redis gives to every script, of those that ours use. A local must not have one of them, and no other name may be used undeclared. */
const GLOBALS: ReadonlySet<string> = new Set([
  'KEYS',
  'ARGV',
  'redis',
  'string',
  'table',
  'math',
  'tonumber',
  'unpack',
  'ipairs',
  'error',
]);
const KEYWORDS: ReadonlySet<string> = new Set(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
);
const TOKEN = /\s*('(?:\\.|[^'\\])*'|[A-Za-z_]\w*|\d[\w.]*|\.{2,3}|[=~<>]=|[-+*/%#<>=(){}[\];:,.])/y;

interface Line {
  readonly tokens: string[];
  /** Places of names in it, those of fields and keys of tables aside. */
  readonly names: readonly number[];
}

/** Shortens texts that stand for themselves, each line a line again. A local has the same short name in all of them. */
export function shorten(sources: readonly string[]): string[] {
  const scripts = sources.map(parse);
  const uses = new Map<string, number>();
  for (const { lines, locals } of scripts) {
    for (const { tokens, names } of lines) {
      for (const place of names) {
        const name = tokens[place] as string;
        if (GLOBALS.has(name)) continue;
        if (!locals.has(name)) throw new Error(`Lua: ${name} is neither a local nor known as a global`);
        uses.set(name, (uses.get(name) ?? 0) + 1);
      }
    }
  }
  const short = shortNames([...uses].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([name]) => name));
  return scripts.map(({ lines }) =>
    lines
      .map(({ tokens, names }) => {
        for (const place of names) tokens[place] = short.get(tokens[place] as string) ?? (tokens[place] as string);
        return tokens.reduce((text, token) => text + (mustPart(text, token) ? ' ' : '') + token, '');
      })
      .join('\n'),
  );
}

function parse(source: string): { lines: Line[]; locals: ReadonlySet<string> } {
  const locals = new Set<string>();
  const brackets: string[] = [];
  const lines = source.split('\n').map((text): Line => {
    const tokens = tokenize(text);
    const names: number[] = [];
    // Behind `local`, `for` or the parenthesis of a function, until what ends them.
    let declares = false;
    let opensParameters = false;
    for (const [place, token] of tokens.entries()) {
      const [before, after] = [tokens[place - 1], tokens[place + 1]];
      if ('({['.includes(token)) brackets.push(token);
      if (')}]'.includes(token)) brackets.pop();
      if (token === 'function') opensParameters = true;
      if (token === 'local' || token === 'for' || (token === '(' && opensParameters)) declares = true;
      else if (token === '=' || token === 'in' || token === ')') declares = false;
      if (token === '(') opensParameters = false;
      if (!isWord(token) || KEYWORDS.has(token)) continue;
      const isKey = after === '=' && brackets.at(-1) === '{';
      if (before === '.' || before === ':' || isKey) continue;
      names.push(place);
      if (!declares) continue;
      if (GLOBALS.has(token)) throw new Error(`Lua: the local ${token} hides a global`);
      locals.add(token);
    }
    return { tokens, names };
  });
  return { lines, locals };
}

function tokenize(line: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < line.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(line)?.[1];
    if (token === undefined) throw new Error(`Lua: what is this? ${line.slice(at).trim()}`);
    tokens.push(token);
  }
  return tokens;
}

function isWord(token: string): boolean {
  return /^[A-Za-z_]/.test(token);
}

/** Whether two tokens would be read as one: words and numbers, a number and `..`, and what would begin a comment. */
function mustPart(before: string, token: string): boolean {
  return (
    (/\w$/.test(before) && /^\w/.test(token)) ||
    (/\d$/.test(before) && token[0] === '.') ||
    (before.endsWith('-') && token === '-')
  );
}

/** The shortest names for those that are used most. */
function shortNames(names: readonly string[]): ReadonlyMap<string, string> {
  const short = new Map<string, string>();
  for (let n = 0; short.size < names.length; n += 1) {
    const name =
      n < LETTERS.length ? LETTERS[n] : `${LETTERS[Math.floor(n / LETTERS.length) - 1]}${LETTERS[n % LETTERS.length]}`;
    if (name !== undefined && !KEYWORDS.has(name)) short.set(names[short.size] as string, name);
  }
  return short;
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
