/** etcd, one member. It writes every change to its log and syncs it: its data are in memory, where that costs least. etcd 3.4 has no `--unsafe-no-fsync`. */
import { reservePort } from '@backend-registry/redis-server';
import { fileOf } from './install.ts';
import { fastFolder, type PeerServer, ProgramServer } from './server.ts';

export async function startEtcd(): Promise<PeerServer> {
  const program = fileOf({ name: 'etcd-server', file: '/usr/bin/etcd', how: 'extract', variable: 'ETCD_SERVER' });
  const [port, peers] = [await reservePort(), await reservePort()];
  const folder = fastFolder('etcd');
  const [own, others] = [`http://127.0.0.1:${port.number}`, `http://127.0.0.1:${peers.number}`];
  const server = await ProgramServer.start({
    name: 'etcd',
    port,
    folder,
    command: [
      program,
      ...['--data-dir', folder],
      ...['--listen-client-urls', own, '--advertise-client-urls', own],
      ...['--listen-peer-urls', others, '--initial-advertise-peer-urls', others],
      ...['--initial-cluster', `default=${others}`],
      // Old revisions of what beats again and again go away.
      ...['--auto-compaction-mode', 'revision', '--auto-compaction-retention', '1000'],
    ],
    readyWhen: /ready to serve client requests|serving (insecure )?client (requests|traffic)/i,
    version: /(?:etcd Version: |"etcd-version":")([\w.]+)/,
  });
  return server;
}
