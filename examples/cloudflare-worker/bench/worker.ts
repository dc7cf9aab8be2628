/** Sends requests one after the other: through the gateway, or straight to the backend. */
import type { Env } from '../src/known.ts';
import gateway from '../src/worker.ts';

// biome-ignore lint/style/noDefaultExport: workerd finds the handler as the module's default export.
export default {
  async fetch(request: Request, env: Env, ctx: Parameters<typeof gateway.fetch>[2]): Promise<Response> {
    const backend = request.headers.get('x-direct');
    const count = Number(request.headers.get('x-count'));
    const send = () => (backend === null ? gateway.fetch(request, env, ctx) : fetch(backend));
    for (let left = count; left > 1; left -= 1) {
      const answer = await send();
      const text = await answer.text();
      if (!answer.ok) return new Response(text, { status: 500 });
    }
    return send();
  },
};
