import { connect, type Socket } from 'node:net';

/** A connection on which the test writes commands as text, and reads what comes as text. */
export class Client implements AsyncDisposable {
  readonly #socket: Socket;
  #text = '';
  /** How the connection ended: the code of its error, `end`, or `undefined` while it has not. */
  ended: string | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.ended ??= error.code ?? error.message;
    });
    socket.on('end', () => {
      this.ended ??= 'end';
    });
  }

  /** Returns when the connection is made or refused; which of them, `ends` tells. */
  static async connect(port: number): Promise<Client> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const client = new Client(socket);
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    return client;
  }

  get text(): string {
    return this.#text;
  }

  write(...commands: readonly string[]): void {
    this.#socket.write(commands.map((command) => resp(command)).join(''));
  }

  writeRaw(text: string): void {
    this.#socket.write(text);
  }

  /** Waits for this end of the text that came so far, and returns the text. */
  async reads(ending: string): Promise<string> {
    while (!this.#text.endsWith(ending)) {
      if (this.#socket.destroyed) throw new Error(`Ended (${this.ended}) after ${JSON.stringify(this.#text)}`);
      await this.#news();
    }
    return this.#text;
  }

  /** Waits for the end of the connection, and returns how it ended. */
  async ends(): Promise<string | undefined> {
    if (!this.#socket.closed) await new Promise((resolve) => this.#socket.once('close', resolve));
    return this.ended;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      const heard = () => {
        this.#socket.off('data', heard).off('close', heard);
        resolve();
      };
      this.#socket.on('data', heard).on('close', heard);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.ends();
  }
}

/** A command of words without spaces. */
export function resp(command: string): string {
  const words = command.split(' ');
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}
