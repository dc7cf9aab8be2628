import { forward } from './forward.ts';
import { type Env, Known } from './known.ts';

/** What an isolate keeps for all its requests. */
let known: Known | undefined;

// biome-ignore lint/style/noDefaultExport: workerd finds the handler as the module's default export.
export default {
  async fetch(request: Request, env: Env, ctx: { waitUntil(promise: Promise<unknown>): void }): Promise<Response> {
    known ??= new Known(env);
    const view = await known.view((promise) => ctx.waitUntil(promise));
    return forward(request, known.upstreams, view, env.RESPONSE_TIMEOUT_MS);
  },
};
