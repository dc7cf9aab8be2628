import type { BackendRegistry, RegistryOptions } from '@backend-registry/core';
import type { AdapterModule } from '@backend-registry/core/factory';

/** What the tests that every adapter shares need to know of one. */
export interface Adapter {
  readonly name: 'ioredis' | 'node-redis';
  /** The package, as the factory loads it. */
  readonly module: AdapterModule;
  /** A registry with a client of its own. */
  open(options: OpenOptions): BackendRegistry;
  /** A registry over a client of the caller's. What is no client is passed on as it is. */
  over(client: unknown, options?: RegistryOptions): BackendRegistry;
  /** A registry with these options, whatever they are. */
  create(options: unknown): BackendRegistry;
  /** A client of the caller's, connected. */
  connect(url: string, options?: { readonly keyPrefix?: string }): Promise<CallersClient>;
}

export interface OpenOptions extends RegistryOptions {
  readonly url?: string;
  readonly db?: number;
  /** The authority that signed the server's certificate (PEM). */
  readonly ca?: string;
  readonly sentinel?: { readonly name: string; readonly nodes: readonly Node[] };
  readonly cluster?: readonly Node[];
}

export interface Node {
  readonly host: string;
  readonly port: number;
}

/** A client that the caller owns. */
export interface CallersClient {
  readonly client: unknown;
  ping(): Promise<unknown>;
  end(): Promise<unknown>;
}
