import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Announcement,
  type AnnouncementState,
  announce,
  type BackendRegistry,
  type RegistryError,
} from '@backend-registry/core';
import { Meter } from './meter.ts';

export interface BackendOptions {
  /** A handle of its own: it is closed with the backend. */
  readonly registry: BackendRegistry;
  readonly name: string;
  readonly service: RequestListener;
  /** Where it listens, and where proxies reach it. Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** How often it reports its load, if that has changed. Default 250. */
  readonly reportIntervalMs?: number;
  /** Told of every new state. Must not throw. */
  readonly onState?: (state: AnnouncementState) => void;
  /** Told of every call to the registry that failed. Must not throw. */
  readonly onError?: (error: RegistryError) => void;
}

export interface RunningBackend extends AsyncDisposable {
  readonly name: string;
  readonly announcement: Announcement;
  /** Drains, unregisters, then stops listening: no request fails. `deadlineMs` bounds the drain. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
  /** Dies as a process that is killed: its sockets are gone at once, its heartbeats stop, and the registry is told nothing. */
  crash(): Promise<void>;
}

/** Starts a backend: an HTTP server that announces itself and reports its load. */
export async function startBackend(options: BackendOptions): Promise<RunningBackend> {
  const { registry, name, service, host = '127.0.0.1', port = 0, reportIntervalMs = 250, onState, onError } = options;
  const meter = new Meter();
  let crashed = false;
  const server = createServer((request, response) => {
    response.once('close', meter.begin());
    service(request, response);
  });
  server.listen(port, host);
  await once(server, 'listening');

  const announcement = announce(
    registry,
    { url: `http://${host}`, port: (server.address() as AddressInfo).port, metadata: { name } },
    {
      inFlight: () => meter.inFlight,
      onState: (state) => onState?.(state),
      onError: (error) => {
        // A dead process says nothing about its registry.
        if (!crashed) onError?.(error);
      },
    },
  );
  let reported = '';
  const reporting = setInterval(() => {
    const load = meter.read();
    if (JSON.stringify(load) === reported) return;
    reported = JSON.stringify(load);
    void announcement.update(load);
  }, reportIntervalMs);

  async function stop(): Promise<void> {
    clearInterval(reporting);
    if (server.listening) {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    }
    await registry.close();
  }
  async function close({ deadlineMs }: { readonly deadlineMs?: number } = {}): Promise<void> {
    if (crashed) return;
    if (deadlineMs !== undefined) void announcement.drain({ deadlineMs });
    await announcement.close();
    await stop();
  }
  function crash(): Promise<void> {
    crashed = true;
    return stop();
  }
  return { name, announcement, close, crash, [Symbol.asyncDispose]: close };
}
