/**
 * Sends requests one after the other, in one of the ways that the section `gateway` of the benchmarks compares.
 *
 * Headers of the request: `x-way`, `x-count`, and `x-backend` for those that go straight to it.
 */
import type { Env } from '../src/known.ts';
import gateway from '../src/worker.ts';

type Context = Parameters<typeof gateway.fetch>[2];
type Way = (request: Request, env: Env, ctx: Context) => Promise<Response>;

const backendOf = ({ headers }: Request) => headers.get('x-backend') ?? '';
const ways: Readonly<Record<string, Way>> = {
  routed: (request, env, ctx) => gateway.fetch(request, env, ctx),
  direct(request) {
    const { method, headers, body } = request;
    return fetch(backendOf(request), { method, headers, body, redirect: 'manual' });
  },
  request: (request) => fetch(backendOf(request), request),
  bare: (request) => fetch(backendOf(request)),
};

// biome-ignore lint/style/noDefaultExport: workerd finds the handler as the module's default export.
export default {
  async fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    const send = ways[request.headers.get('x-way') ?? ''] as Way;
    for (let left = Number(request.headers.get('x-count')); left > 1; left -= 1) {
      const answer = await send(request, env, ctx);
      const text = await answer.text();
      if (!answer.ok) return new Response(text, { status: 500 });
    }
    return send(request, env, ctx);
  },
};
