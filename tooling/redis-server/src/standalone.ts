import { makeCertificates } from './certificate.ts';
import { type RedisServer, startServerAnywhere } from './server.ts';

export interface StandaloneOptions {
  /** More arguments of the program, for instance `['--maxmemory', '10mb']`. Default: none. */
  args?: readonly string[];
  /** Of the default user. Default: none. */
  password?: string;
  /** Users, one a line of `ACL SETUSER`, for instance `'app on >secret ~backend:* +@all'`. Default: none. */
  acl?: readonly string[];
  /** Speaks TLS only, with certificates made for it. Default: false. */
  tls?: boolean;
  /** Writes every change to disk, so that it survives a SIGKILL and a restart; `everysec` as a server in earnest does, which can lose the last two seconds. Default: false. */
  persistent?: boolean | 'everysec';
}

/** Starts one server. It has a user `tooling` beside those asked for; {@link RedisServer.cli} works with it. */
export function startStandalone(options: StandaloneOptions = {}): Promise<RedisServer> {
  const { args = [], password, acl = [], tls = false, persistent = false } = options;
  return startServerAnywhere({
    config: [
      'save ""',
      // `no`: written at once, and nothing waits for the disk. A killed process loses nothing, a lost machine would.
      ...(persistent ? ['appendonly yes', `appendfsync ${persistent === 'everysec' ? persistent : 'no'}`] : []),
      ...acl.map((user) => `user ${user}`),
    ],
    args,
    password,
    certificates: tls ? makeCertificates() : undefined,
  });
}
