import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { decode, encode, type Reply } from './resp.ts';

export type Command = readonly (string | number)[];

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly ca?: string | undefined;
  /** Name and password. */
  readonly user?: readonly [string, string] | undefined;
}

/** Sends the commands over a connection of their own, and returns their replies; an error reply is thrown. */
export function call(target: Target, commands: readonly Command[], timeoutMs = 10_000): Promise<Reply[]> {
  return new Promise((resolve, reject) => {
    const { host, port, ca, user } = target;
    const socket = ca === undefined ? connectPlain({ host, port }) : connectTls({ host, port, ca });
    const all = user === undefined ? commands : [['AUTH', ...user], ...commands];
    const replies: Reply[] = [];
    let bytes = Buffer.alloc(0);

    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => fail(new Error(`No reply within ${timeoutMs} ms from ${host}:${port}`)));
    socket.once('error', fail);
    socket.once('close', () => fail(new Error(`${host}:${port} closed the connection before its reply`)));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let item = decode(bytes, 0); item !== undefined; item = decode(bytes, 0)) {
        if (item.reply instanceof Error) return fail(item.reply);
        replies.push(item.reply);
        bytes = bytes.subarray(item.end);
        if (replies.length < all.length) continue;
        resolve(user === undefined ? replies : replies.slice(1));
        return socket.destroy();
      }
    });
    socket.write(Buffer.concat(all.map(encode)));
  });
}
