/** What is Deno's own here. */
import process from 'node:process';

interface DenoServer {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
}

declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: (request: Request) => Promise<Response>,
  ): DenoServer;
  addSignalListener(signal: 'SIGTERM' | 'SIGINT', listener: () => void): void;
};

/** Serves on `PORT`, or any port that is free. */
export function serve(handler: (request: Request) => Promise<Response>): { port: number; stop(): Promise<void> } {
  const options = { hostname: '127.0.0.1', port: Number(process.env.PORT ?? 0), onListen: () => undefined };
  const server = Deno.serve(options, handler);
  return { port: server.addr.port, stop: () => server.shutdown() };
}

/** Resolves when somebody ends this process. */
export const ended: Promise<void> = new Promise((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) Deno.addSignalListener(signal, resolve);
});
