/** All sections, in the order in which they run. */
import type { Section } from '../section.ts';
import { blocking } from './blocking.ts';
import { cli } from './cli.ts';
import { crash } from './crash.ts';
import { foreign } from './foreign.ts';
import { gateway } from './gateway.ts';
import { idle } from './idle.ts';
import { memory } from './memory.ts';
import { move } from './move.ts';
import { peersCost } from './peers-cost.ts';
import { peersCrash } from './peers-crash.ts';
import { peersFaults } from './peers-faults.ts';
import { peersSpeed } from './peers-speed.ts';
import { peersWatch } from './peers-watch.ts';
import { profile } from './profile.ts';
import { redis } from './redis.ts';
import { scale } from './scale.ts';
import { soak } from './soak.ts';
import { upstash } from './upstash.ts';
import { watch } from './watch.ts';

export const sections: Readonly<Record<string, Section>> = {
  'peers-speed': peersSpeed,
  'peers-watch': peersWatch,
  'peers-crash': peersCrash,
  'peers-cost': peersCost,
  'peers-faults': peersFaults,
  scale,
  memory,
  redis,
  profile,
  upstash,
  gateway,
  watch,
  soak,
  crash,
  foreign,
  blocking,
  idle,
  cli,
  move,
} as Readonly<Record<string, Section>>;

/** Measured by a full run or by their name only: the rest is done in five minutes. */
export const long: ReadonlySet<string> = new Set([
  'peers-crash',
  'peers-cost',
  'peers-faults',
  'profile',
  'soak',
  'foreign',
  'blocking',
  'idle',
  'cli',
  'move',
]);
