import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisServer, startStandalone } from '@backend-registry/redis-server';
import { Commands } from './commands.ts';
import { Connection, Line, type Target, targetOf, Unreachable } from './connection.ts';
import { Counts } from './counts.ts';
import { type FaultKind, Faults } from './faults.ts';
import { offsetIn, offsetOf, Replica, tokenOf as syncTokenOf } from './replicas.ts';
import { bodyOf, type Format } from './reply.ts';
import { type Asked, formatOf, Refusal, readBody, readRequest, tokenOf } from './request.ts';
import { type Command, type Reply, ReplyError, Status } from './resp.ts';
import { type Plan, Scripts } from './scripts.ts';

export interface UpstashRestOptions {
  /** `redis://` of the server behind the bridge. Default: one of its own, which ends with the bridge. */
  readonly redis?: string;
  /** Starts a replica that answers reads, for {@link Faults.lag}. The server must have no password. Default: false. */
  readonly replica?: boolean;
  /** Default: random. */
  readonly token?: string;
  /** Default: random. */
  readonly readOnlyToken?: string;
  /** Refuses what scripts with `allow-key-locking` may not do: keys that are not declared, and the whole database. Default: true. */
  readonly strict?: boolean;
  /** Commands that no script may call, for instance `['time']`. Default: none but those that Redis refuses. */
  readonly refusedInScripts?: readonly string[];
  /** Default: a free one. */
  readonly port?: number;
}

/** Upstash's REST interface on a loopback port. */
export interface UpstashRest extends AsyncDisposable {
  /** `http://127.0.0.1:…` */
  readonly url: string;
  readonly token: string;
  readonly readOnlyToken: string;
  /** `redis://` of the server behind it. */
  readonly redisUrl: string;
  readonly faults: Faults;
  readonly counts: Counts;
}

export async function startUpstashRest(options: UpstashRestOptions = {}): Promise<UpstashRest> {
  const {
    redis,
    replica = false,
    token = secret(),
    readOnlyToken = secret(),
    strict = true,
    refusedInScripts = [],
    port = 0,
  } = options;
  const own = redis === undefined ? await startStandalone() : undefined;
  try {
    const redisUrl = redis ?? (own as RedisServer).url;
    const target = targetOf(redisUrl);
    const line = new Line(target);
    // A replica begins to follow at once, where the default waits for others.
    if (replica) await line.ask('CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
    const follower = replica ? await Replica.of(target) : undefined;
    const commands = await Commands.of(line);
    const scripts = new Scripts(strict, refusedInScripts);
    const bridge = new Bridge({ target, line, commands, scripts, follower, own, token, readOnlyToken, redisUrl });
    await bridge.listen(port);
    return bridge;
  } catch (error) {
    await own?.[Symbol.asyncDispose]();
    throw error;
  }
}

interface Parts {
  readonly target: Target;
  readonly line: Line;
  readonly commands: Commands;
  readonly scripts: Scripts;
  readonly follower: Replica | undefined;
  readonly own: RedisServer | undefined;
  readonly token: string;
  readonly readOnlyToken: string;
  readonly redisUrl: string;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

class Bridge implements UpstashRest {
  url = '';
  readonly token: string;
  readonly readOnlyToken: string;
  readonly redisUrl: string;
  readonly faults: Faults;
  readonly counts = new Counts();
  readonly #parts: Parts;
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response));

  constructor(parts: Parts) {
    this.#parts = parts;
    this.token = parts.token;
    this.readOnlyToken = parts.readOnlyToken;
    this.redisUrl = parts.redisUrl;
    this.faults = new Faults({
      cut: () => this.#server.closeAllConnections(),
      lag: async () => {
        if (parts.follower === undefined) throw new Error('The bridge was started without a replica');
        return parts.follower.lag();
      },
    });
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, HOST, () => {
        this.url = `http://${HOST}:${(this.#server.address() as AddressInfo).port}`;
        resolve();
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    await this.#parts.line.close();
    await this.#parts.follower?.[Symbol.asyncDispose]();
    await this.#parts.own?.[Symbol.asyncDispose]();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.counts.requests += 1;
    const format = formatOf(request);
    response.on('error', () => undefined);
    let fault: FaultKind | undefined;
    let answer: Answer;
    try {
      const { asked, readOnly } = await this.#read(request);
      fault = await this.faults.meet(asked.kind === 'stream' ? [asked.command] : asked.commands);
      if (fault === 'drop-before') return drop(response);
      if (fault === '429') throw new Refusal(429, 'ERR too many requests');
      if (fault === '503') {
        answer = UNAVAILABLE;
      } else if (asked.kind === 'stream') {
        return await this.#stream(asked.command, response);
      } else {
        const synced = String(request.headers['upstash-sync-token'] ?? '');
        const { reply, token } = await this.#run(asked, readOnly, offsetIn(synced));
        response.setHeader('upstash-sync-token', token);
        answer = answerOf(asked.kind, reply, format);
      }
    } catch (error) {
      answer = failed(error);
    }
    if (this.faults.latencyMs > 0) await sleep(this.faults.latencyMs);
    if (fault === 'drop-after') return drop(response);
    this.#send(request, response, answer, fault);
  }

  async #read(request: IncomingMessage): Promise<{ asked: Asked; readOnly: boolean }> {
    const body = await readBody(request);
    this.counts.bytesIn += body.length;
    if (!['HEAD', 'GET', 'POST', 'PUT'].includes(request.method ?? '')) {
      throw new Refusal(405, 'ERR unsupported HTTP method');
    }
    const url = new URL(request.url ?? '/', 'http://localhost');
    const token = tokenOf(request, url);
    const readOnly = token === this.readOnlyToken;
    if (token !== this.token && !readOnly) throw new Refusal(401, 'WRONGPASS invalid or missing auth token');
    return { asked: readRequest(request, url, body), readOnly };
  }

  async #run(
    { kind, commands }: Exclude<Asked, { kind: 'stream' }>,
    readOnly: boolean,
    offset: number,
  ): Promise<{ reply: Reply; token: string }> {
    const refusals = commands.map((command) => this.#parts.commands.refusal(command, readOnly));
    const plans = commands.map((command) => this.#parts.scripts.plan(command));
    if (kind === 'multi-exec') {
      const refused = refusals.find((refusal) => refusal !== undefined);
      const reply = refused === undefined ? await this.#transact(plans) : new ReplyError(discarded(refused));
      return { reply, token: await this.#token() };
    }
    const sent = plans.filter((_, n) => refusals[n] === undefined).map(({ command }) => command);
    const { replies, token } = await this.#ask(sent, offset);
    const read = plans.map((plan, n) => {
      const refusal = refusals[n];
      return refusal === undefined ? this.#count(plan, replies.shift() as Reply) : new ReplyError(refusal);
    });
    return { reply: kind === 'command' ? (read[0] as Reply) : read, token };
  }

  async #ask(commands: readonly Command[], offset: number): Promise<{ replies: Reply[]; token: string }> {
    const { line, follower } = this.#parts;
    if (commands.length > 0 && commands.every((command) => this.#parts.commands.isRead(command))) {
      const replies = await follower?.read(commands, offset);
      if (replies !== undefined && !replies.some(isNoScript)) return { replies, token: syncTokenOf(offset) };
    }
    const replies = commands.length === 0 ? [] : await line.send(commands);
    return { replies, token: await this.#token() };
  }

  async #transact(plans: readonly Plan[]): Promise<Reply> {
    const answers = await this.#parts.line.send([['MULTI'], ...plans.map(({ command }) => command), ['EXEC']]);
    const results = answers.at(-1);
    if (Array.isArray(results)) return results.map((reply: Reply, n) => this.#count(plans[n] as Plan, reply));
    const why = answers.find((answer) => answer instanceof ReplyError);
    return new ReplyError(discarded(why?.message ?? 'it was empty'));
  }

  /** How far the primary is: a replica that is as far knows all that this answer was made of. */
  async #token(): Promise<string> {
    const { line, follower } = this.#parts;
    if (follower === undefined) return syncTokenOf(this.counts.requests);
    return syncTokenOf(offsetOf(await line.ask('INFO', 'replication'), 'master_repl_offset'));
  }

  /** Counts what the command was billed, and gives its own reply. */
  #count(plan: Plan, reply: Reply): Reply {
    const { reply: own, calls } = plan.read(reply);
    this.counts.commands += 1 + calls;
    this.counts.scriptCalls += calls;
    if (plan.script !== undefined && !isNoScript(reply)) {
      if (plan.script.sent === 'source') this.counts.evals += 1;
      else this.counts.evalshas += 1;
      if (plan.script.keyLocking) this.counts.keyLockingScripts += 1;
    }
    return own;
  }

  async #stream(command: readonly string[], response: ServerResponse): Promise<void> {
    const connection = await Connection.open(this.#parts.target);
    response.once('close', () => connection.close());
    let write: ((text: string) => void) | undefined;
    const tell = (reply: Reply) => {
      if (write === undefined) {
        this.counts.streams += 1;
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
        write = this.faults.stream(response);
      }
      const fields = Array.isArray(reply) ? reply.map(String) : [reply instanceof Status ? reply.text : String(reply)];
      const text = `data: ${fields.join(',')}\n\n`;
      this.counts.bytesOut += Buffer.byteLength(text);
      write(text);
    };
    connection.onPush = tell;
    const [first = null] = await connection.send([command]);
    if (first instanceof ReplyError) {
      connection.close();
      throw new Refusal(400, first.message);
    }
    tell(first);
    void connection.closed.then(() => response.end());
  }

  #send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer, fault?: FaultKind): void {
    const sent = request.method === 'HEAD' ? Buffer.alloc(0) : body;
    const half = sent.subarray(0, Math.floor(sent.length / 2));
    this.counts.bytesOut += sent.length;
    response.statusCode = status;
    response.setHeader('content-type', type);
    if (fault === 'short-body') response.end(half);
    else if (fault === 'endless-body') this.#sendOn(response, body);
    else if (fault === 'cut-body') {
      response.setHeader('content-length', sent.length);
      response.write(half, () => drop(response));
    } else response.end(sent);
  }

  /** JSON may end with any amount of white space. */
  #sendOn(response: ServerResponse, body: Buffer): void {
    const more = () => {
      this.counts.bytesOut += WHITE_SPACE.length;
      response.write(WHITE_SPACE);
    };
    response.on('drain', more);
    response.write(body);
    while (!response.writableNeedDrain) more();
  }
}

const HOST = '127.0.0.1';
const WHITE_SPACE = Buffer.alloc(2 ** 16, ' ');
const JSON_TYPE = 'application/json';
const ERROR_PAGE =
  '<html><head><title>503 Service Unavailable</title></head><body>No server is available</body></html>';
const UNAVAILABLE: Answer = { status: 503, type: 'text/html', body: Buffer.from(ERROR_PAGE) };

function failed(error: unknown): Answer {
  if (error instanceof Unreachable) return UNAVAILABLE;
  const status = error instanceof Refusal ? error.status : 500;
  const message = error instanceof Refusal ? error.message : `ERR ${(error as Error).message}`;
  return { status, type: JSON_TYPE, body: Buffer.from(JSON.stringify({ error: message })) };
}

function answerOf(kind: 'command' | 'pipeline' | 'multi-exec', reply: Reply, format: Format): Answer {
  const many = kind !== 'command' && !(reply instanceof ReplyError);
  const status = reply instanceof ReplyError ? 400 : 200;
  return { status, type: format.resp2 ? 'text/plain' : JSON_TYPE, body: bodyOf(reply, format, many) };
}

function discarded(why: string): string {
  return `EXECABORT Transaction discarded because of: ${why}`;
}

function isNoScript(reply: Reply): boolean {
  return reply instanceof ReplyError && reply.message.startsWith('NOSCRIPT');
}

function drop(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}
