/** A Worker whose view is of all its requests, as a gateway's is: nothing in it may belong to one of them. */
import { createView, MemoryBackendRegistry, type View } from '@backend-registry/core';

let registry: MemoryBackendRegistry | undefined;
let view: View | undefined;
let requests = 0;

// biome-ignore lint/style/noDefaultExport: workerd finds the handler as the module's default export.
export default {
  async fetch(): Promise<Response> {
    registry ??= new MemoryBackendRegistry();
    view ??= createView(registry, { follow: false });
    requests += 1;
    await registry.register({ url: 'http://10.0.0.1', port: 8_000 + requests });
    await view.refresh();
    return new Response(String(view.backends.length));
  },
};
