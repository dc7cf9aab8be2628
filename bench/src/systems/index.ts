/** All systems, in the order of their rows. */
import { etcd } from './etcd.ts';
import { hazel } from './hazel.ts';
import { hydra } from './hydra.ts';
import { moleculer } from './moleculer.ts';
import { naive, naiveKeys, naiveTogether } from './naive.ts';
import { nats } from './nats.ts';
import { ours } from './ours.ts';
import { rawClient, rawCopy, rawPipelined, rawSocket } from './raw.ts';
import type { System } from './system.ts';
import { zooKeeper } from './zookeeper.ts';

export const systems: readonly System[] = [
  rawClient,
  rawPipelined,
  rawCopy,
  rawSocket,
  ...ours,
  naive,
  naiveTogether,
  naiveKeys,
  hazel,
  moleculer,
  hydra,
  etcd,
  zooKeeper,
  nats,
];

/** Those that keep backends registered. Of the limits one is enough: the others would do the same. */
export const keepers: readonly System[] = systems.filter(
  ({ kind, cannot }) => kind !== 'limit' || cannot.announce === undefined,
);
