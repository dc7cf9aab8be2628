/** Sends requests one after the other: through the gateway, or straight to the backend. */
import type { Env } from '../src/known.ts';
import gateway from '../src/worker.ts';

// biome-ignore lint/style/noDefaultExport: workerd finds the handler as the module's default export.
export default {
  async fetch(request: Request, env: Env, ctx: Parameters<typeof gateway.fetch>[2]): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const backend = searchParams.get('backend') ?? '';
    const routed = searchParams.get('kind') === 'routed';
    for (let left = Number(searchParams.get('count')); left > 0; left -= 1) {
      const answer = await (routed ? gateway.fetch(new Request('http://gateway/'), env, ctx) : fetch(`${backend}/`));
      const text = await answer.text();
      if (!answer.ok) return new Response(text, { status: 500 });
    }
    return new Response();
  },
};
