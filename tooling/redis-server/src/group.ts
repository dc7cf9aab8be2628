import { type Port, reservePort } from './port.ts';
import { type Program, type RedisServer, startServer, withFreePorts } from './server.ts';

/** Starts servers whose configurations name each other's ports: all of them, or none. */
export function startGroup(
  size: number,
  programs: (ports: readonly number[]) => readonly Program[],
): Promise<readonly RedisServer[]> {
  return withFreePorts(async () => {
    const ports = await Promise.all(Array.from({ length: size }, reservePort));
    const numbers = ports.map(({ number }) => number);
    const starts = await Promise.allSettled(
      programs(numbers).map((program, index) => startServer(program, ports[index] as Port)),
    );
    const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    if (servers.length === size) return servers;
    await endAll(servers);
    throw starts.find((start) => start.status === 'rejected')?.reason;
  });
}

export async function endAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
}

/** Ends the group if `work` fails. */
export async function orEnd<T>(servers: readonly RedisServer[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await endAll(servers);
    throw error;
  }
}

/** Configuration of nodes that replicate: a replica is in step at once, where the defaults wait for seconds. */
export const REPLICATION: readonly string[] = ['save ""', 'repl-diskless-sync-delay 0', 'repl-ping-replica-period 1'];

/** Whether the server is a replica whose connection to its master at `masterPort` stands. */
export async function isAttached(server: RedisServer, masterPort: number): Promise<boolean> {
  const info = String(await server.cli('INFO', 'replication'));
  return info.includes('master_link_status:up\r\n') && info.includes(`master_port:${masterPort}\r\n`);
}

export async function isMaster(server: RedisServer): Promise<boolean> {
  return String(await server.cli('INFO', 'replication')).includes('role:master\r\n');
}

/** Whether `test` holds for all, asked at the same time. */
export async function every<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<boolean> {
  return (await Promise.all(items.map(test))).every(Boolean);
}
