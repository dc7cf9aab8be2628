// For workerd: the report is the answer to a request, whose body says what to run.
import { conformance, type UpstashInput } from './upstash.ts';

// biome-ignore lint/style/noDefaultExport: workerd finds the handler as the module's default export.
export default {
  fetch: async (request: Request): Promise<Response> =>
    Response.json(await conformance((await request.json()) as UpstashInput)),
};
