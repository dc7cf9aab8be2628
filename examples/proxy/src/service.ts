import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Size of one piece of the streamed text. */
export const CHUNK_BYTES = 4_096;

/**
 * What the backends of the demo serve; put your own handler here.
 * - `GET /text?chunks=4`: thinks for some milliseconds, then streams that many pieces;
 * - `POST /echo`: sends the body back as it arrives;
 * - `GET /`: its name.
 */
export function createService(name: string): RequestListener {
  return (request, response) => {
    response.setHeader('x-served-by', name);
    // A client that leaves in the middle of a response is no failure of the service.
    serve(name, request, response).catch(() => response.destroy());
  };
}

async function serve(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service');
  if (pathname === '/echo') {
    await pipeline(request, response);
  } else if (pathname === '/text') {
    const chunks = Math.min(Number(searchParams.get('chunks') ?? 4), 1_000);
    await sleep(4 + Math.random() * 12);
    for (let sent = 0; sent < chunks && !response.destroyed; sent += 1) {
      if (!response.write(name.padEnd(CHUNK_BYTES, '.')))
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
  } else if (pathname === '/') {
    response.end(`${name}\n`);
  } else {
    response.writeHead(404).end();
  }
}
