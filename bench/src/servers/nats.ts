/** A NATS server with JetStream. */
import { reservePort } from '@backend-registry/redis-server';
import { fileOf } from './install.ts';
import { fastFolder, type PeerServer, ProgramServer } from './server.ts';

export async function startNats(): Promise<PeerServer> {
  const program = fileOf({
    name: 'nats-server',
    file: '/usr/sbin/nats-server',
    how: 'extract',
    variable: 'NATS_SERVER',
  });
  const port = await reservePort();
  const folder = fastFolder('nats');
  return await ProgramServer.start({
    name: 'nats-server',
    port,
    folder,
    command: [program, '--addr', '127.0.0.1', '--port', String(port.number), '--jetstream', '--store_dir', folder],
    readyWhen: /Server is ready/,
    version: /Version: +(\S+)/,
  });
}
