// For workerd: the report is the answer to any request.
import { smoke } from './smoke.ts';

// biome-ignore lint/style/noDefaultExport: workerd finds the handler as the module's default export.
export default {
  fetch: async (): Promise<Response> => Response.json(await smoke()),
};
