import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which systems take the ports of outgoing connections (Linux: from 32768 on): a client that
 * tries again and again to reach a dead server would otherwise be given the server's own port one day, connect to
 * itself, and the server could not start again.
 */
const FIRST = 10_240;
const LAST = 20_000;
/** A node of a cluster also listens on its port plus this. */
const CLUSTER_BUS = 10_000;

const HOST = '127.0.0.1';

export interface Port {
  readonly number: number;
  release(): Promise<void>;
}

/**
 * An even port that stays ours while no server listens on it, for instance between a kill and a restart. Whoever
 * listens on the odd port beside it owns it: the system lets one process do so, and frees it when that process dies.
 */
export async function reservePort(): Promise<Port> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const number = FIRST + 2 * randomInt((LAST - FIRST) / 2);
    const release = await listen(number + 1);
    if (release === undefined) continue;
    if ((await isFree(number)) && (await isFree(number + CLUSTER_BUS))) return { number, release };
    await release();
  }
  throw new Error(`No free port between ${FIRST} and ${LAST} on ${HOST}`);
}

async function isFree(port: number): Promise<boolean> {
  const release = await listen(port);
  if (release === undefined) return false;
  await release();
  return true;
}

/** Listens, and returns how to end that; `undefined` where somebody else listens already. */
export function listen(port: number): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen(port, HOST, () => resolve(() => new Promise((closed) => server.close(() => closed()))));
  });
}
