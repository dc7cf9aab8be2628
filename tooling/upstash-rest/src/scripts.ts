/** Scripts as Upstash takes them, on a server that does not know its flag: stripped, watched over, and counted. */
import { createHash } from 'node:crypto';
import { nameOf } from './commands.ts';
import { type Command, type Reply, ReplyError } from './resp.ts';

const FLAG = 'allow-key-locking';
/** With the flag, a script may not touch the whole database. */
const WHOLE_DATABASE = ['flushdb', 'flushall', 'swapdb', 'keys', 'scan', 'randomkey', 'dbsize'];

/** What is sent instead of a command, and how its reply is read. */
export interface Plan {
  readonly command: Command;
  read(reply: Reply): { readonly reply: Reply; readonly calls: number };
  /** Whether it runs a script, and one that locks nothing but its keys. */
  readonly script?: { readonly sent: 'source' | 'sha'; readonly keyLocking: boolean };
}

interface Known {
  readonly sha: string;
  readonly source: string;
  readonly keyLocking: boolean;
}

const asItIs = (reply: Reply) => ({ reply, calls: 0 });

export class Scripts {
  readonly #strict: boolean;
  readonly #refused: readonly string[];
  /** By the SHA-1 that clients know. */
  readonly #known = new Map<string, Known>();

  constructor(strict: boolean, refused: readonly string[]) {
    this.#strict = strict;
    this.#refused = refused.map((name) => name.toLowerCase());
  }

  plan(command: Command): Plan {
    const name = nameOf(command);
    const [word = '', first = '', ...rest] = command;
    if (name === 'eval' || name === 'eval_ro') {
      const { source, keyLocking } = this.#learn(String(first));
      return { command: [word, source, ...rest], read: readCounted, script: { sent: 'source', keyLocking } };
    }
    if (name === 'evalsha' || name === 'evalsha_ro') {
      const known = this.#known.get(String(first).toLowerCase());
      if (known === undefined) return { command, read: asItIs };
      const { sha, keyLocking } = known;
      return { command: [word, sha, ...rest], read: readCounted, script: { sent: 'sha', keyLocking } };
    }
    if (name === 'script' && String(first).toLowerCase() === 'load' && rest.length === 1) {
      const text = String(rest[0]);
      const { source } = this.#learn(text);
      const read = (reply: Reply) => asItIs(reply instanceof ReplyError ? reply : Buffer.from(sha1(text)));
      return { command: [word, first, source], read };
    }
    if (name === 'script' && String(first).toLowerCase() === 'exists') {
      const shas = rest.map((sha) => this.#known.get(String(sha).toLowerCase())?.sha ?? sha);
      return { command: [word, first, ...shas], read: asItIs };
    }
    return { command, read: asItIs };
  }

  #learn(text: string): Known {
    const sha = sha1(text);
    let known = this.#known.get(sha);
    if (known === undefined) {
      const { keyLocking, shebang, body } = parse(text);
      const source = `${shebang}${prelude(this.#strict && keyLocking, this.#refused)} local function script() ${body}\nend local reply = script() return { calls(), reply }`;
      known = { sha: sha1(source), source, keyLocking };
      this.#known.set(sha, known);
    }
    return known;
  }
}

/** The reply of a script, behind the number of commands that it ran. */
function readCounted(reply: Reply): { reply: Reply; calls: number } {
  if (!Array.isArray(reply)) return { reply, calls: 0 };
  const [calls, own = null] = reply as readonly Reply[];
  return { reply: own, calls: Number(calls) };
}

/** The first line says what a script is; all of it but Upstash's flag is the server's. */
function parse(text: string): { keyLocking: boolean; shebang: string; body: string } {
  const [line = '', list = ''] = /^#!lua(?:[ \t]+flags=(\S*))?[ \t]*(?:\n|$)/.exec(text) ?? [];
  const flags = list.split(',');
  const others = flags.filter((flag) => flag !== FLAG);
  const keyLocking = others.length < flags.length;
  const shebang = keyLocking && others.length === 0 ? '' : line.replace(list, others.join(','));
  return { keyLocking, shebang, body: text.slice(line.length) };
}

/** Stands before a script, on its first line so that its errors name the right one: what it calls is counted, and looked at first. */
function prelude(strict: boolean, refused: readonly string[]): string {
  const set = (names: readonly string[]) => `{ ${names.map((name) => `['${name}'] = true`).join(', ')} }`;
  const lua = `
    local calls
    local redis = (function(real)
      local count, strict, declared, whole, refused = 0, ${strict}, {}, ${set(WHOLE_DATABASE)}, ${set(refused)}
      calls = function() return count end
      if strict then for _, key in ipairs(KEYS) do declared[key] = true end end
      local function wrong(...)
        count = count + 1
        local name = string.lower((...) or '')
        if refused[name] then return { err = 'ERR This Redis command is not allowed from script' } end
        if not strict then return nil end
        if whole[name] then return { err = "ERR Script with allow-key-locking attempted to run a command that needs the whole database: '" .. name .. "'" } end
        if select('#', ...) < 2 then return nil end
        local keys = real.pcall('COMMAND', 'GETKEYS', ...)
        if keys.err then return nil end
        for _, key in ipairs(keys) do
          if not declared[key] then return { err = "ERR Script with allow-key-locking attempted to access an undeclared key: '" .. key .. "'" } end
        end
      end
      return setmetatable({
        call = function(...) local why = wrong(...) if why then error(why) end return real.call(...) end,
        pcall = function(...) local why = wrong(...) if why then return why end return real.pcall(...) end
      }, { __index = real })
    end)(redis)`;
  return lua.replaceAll(/\s+/g, ' ').trim();
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
