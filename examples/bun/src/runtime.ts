/** What is Bun's own here. */
import { once } from 'node:events';

declare const Bun: {
  serve(options: { hostname: string; port: number; idleTimeout: number; fetch(request: Request): Promise<Response> }): {
    readonly port: number;
    stop(): Promise<void>;
  };
};

/** Serves on `PORT`, or any port that is free. Without the limit of ten seconds: a backend may be slow. */
export const serve = (fetch: (request: Request) => Promise<Response>): ReturnType<typeof Bun.serve> =>
  Bun.serve({ hostname: '127.0.0.1', port: Number(process.env.PORT ?? 0), idleTimeout: 0, fetch });

/** Resolves when somebody ends this process. */
export const ended: Promise<unknown> = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
