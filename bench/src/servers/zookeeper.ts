/** ZooKeeper, standalone. It syncs its log: its data are in memory, and it is told not to force them out. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { reservePort } from '@backend-registry/redis-server';
import { fileOf } from './install.ts';
import { fastFolder, type PeerServer, ProgramServer } from './server.ts';

/** So that it says when it is ready: Debian's manifest of the server names none. */
const LOGGING = ['/usr/share/java/slf4j-log4j12.jar', '/usr/share/java/log4j-1.2.jar'];

export async function startZooKeeper(): Promise<PeerServer> {
  const program = fileOf({
    name: 'zookeeper',
    file: '/usr/share/java/zookeeper.jar',
    how: 'install',
    variable: 'ZOOKEEPER_JAR',
  });
  const port = await reservePort();
  const folder = fastFolder('zookeeper');
  const config = fastFolder('zookeeper-config');
  writeFileSync(
    join(config, 'zoo.cfg'),
    [
      // Sessions end at a multiple of it, and live for two at least.
      'tickTime=500',
      `dataDir=${folder}`,
      'clientPortAddress=127.0.0.1',
      `clientPort=${port.number}`,
      'maxSessionTimeout=3600000',
      'forceSync=no',
      'admin.enableServer=false',
      'maxClientCnxns=0',
      'globalOutstandingLimit=100000',
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(config, 'log4j.properties'),
    [
      'log4j.rootLogger=INFO, out',
      'log4j.appender.out=org.apache.log4j.ConsoleAppender',
      'log4j.appender.out.layout=org.apache.log4j.PatternLayout',
      'log4j.appender.out.layout.ConversionPattern=%p %m%n',
      '',
    ].join('\n'),
  );
  return await ProgramServer.start({
    name: 'ZooKeeper',
    port,
    folder,
    command: [
      process.env.JAVA ?? 'java',
      ...['-Xms512m', '-Xmx512m', '-Dzookeeper.forceSync=no', '-Djute.maxbuffer=16777216'],
      ...['-cp', [config, program, ...LOGGING].join(':')],
      'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      join(config, 'zoo.cfg'),
    ],
    readyWhen: /binding to port|Started AdminServer|PrepRequestProcessor .* started|Snapshot loaded/,
    serves,
    version: /zookeeper\.version=([\d.]+)/,
  });
}

/** A connection that is made before the server knows its data may never be answered. */
const ANSWER_MS = 500;

/** It listens before it serves. */
function serves(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write('srvr'));
    socket.on('data', (chunk) => {
      reply += chunk;
    });
    socket.on('error', () => undefined);
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.on('close', () => resolve(reply.includes('Mode: standalone')));
  });
}
