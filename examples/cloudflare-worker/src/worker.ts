import { forward } from './forward.ts';
import { type Env, Known } from './known.ts';
import { Upstreams } from './upstreams.ts';

/** What an isolate keeps for all its requests: data, and nothing that belongs to one of them. */
const upstreams = new Upstreams();
let known: Known | undefined;

// biome-ignore lint/style/noDefaultExport: workerd finds the handler as the module's default export.
export default {
  async fetch(request: Request, env: Env, ctx: { waitUntil(promise: Promise<unknown>): void }): Promise<Response> {
    known ??= new Known(env, upstreams);
    const view = await known.view((promise) => ctx.waitUntil(promise));
    return forward(request, upstreams, view, env.RESPONSE_TIMEOUT_MS);
  },
};
