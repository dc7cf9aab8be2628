import { restoreBackends, storedBackends } from '@backend-registry/core/move';
import type { Call } from '../call.ts';
import { showDuration } from '../duration.ts';
import { EXIT, type Exit } from '../exit.ts';
import type { Io } from '../io.ts';
import { copyAll, type Ends, shortestLeaseMs, verify } from '../migration.ts';
import type { Place } from '../place.ts';
import { Progress } from '../progress.ts';
import { at, checkApart, readSides, type SideOptions, showPlace } from '../sides.ts';
import { backends, count, nameSome, Tally } from '../tally.ts';
import { jsonOf, printable } from '../text.ts';

interface Options extends SideOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function run({ io, open }: Call, options: Options): Promise<Exit> {
  const places = readSides(options, io.env);
  const source = await open(places.from);
  const target = await open(places.to);
  const { signal } = io;
  await checkApart(source, target, places);
  const ends: Ends = { source, target, places, signal };
  if (options.dryRun) return dryRun(io, ends, options);
  using progress = new Progress(io);
  const tally = new Tally();
  let total = 0;
  try {
    const copied = await copyAll(ends, tally, (done, of) => {
      total = of;
      progress.show(`${count(done)} of ${count(of)}`);
    });
    progress.show('comparing');
    const { missing, differing, alone } = await verify(ends, copied, tally);
    progress.clear();
    const { left, lost, uncopied } = copied;
    const verified = missing.length + differing.length + uncopied.length === 0 && !lost;
    if (options.json) {
      io.print(jsonOf({ ...tally.toJSON(), left, lost, uncopied, targetOnly: alone, verified, missing, differing }));
      return verified ? EXIT.done : EXIT.no;
    }
    tally.tell(io);
    if (left.length > 0) {
      io.print(
        `${count(left.length).padStart(9)}  copied, and gone from the source meanwhile: they end with their leases`,
      );
      nameSome(io, left);
    }
    if (alone.length > 0) {
      io.print(
        `${count(alone.length).padStart(9)}  in the target alone: registered there, or copied earlier and gone from the source since`,
      );
      nameSome(io, alone);
    }
    if (lost) {
      io.say(
        `${showPlace(places.from)} has lost its data meanwhile: ${count(tally.copied)} of ${count(total)} were copied before. Run this again when its backends are back.`,
      );
      return EXIT.no;
    }
    if (uncopied.length > 0) {
      io.say(
        `Proxies of the source are served ${backends(uncopied.length)} that cannot be copied, named above: backend-registry doctor says what to do there.`,
      );
      return EXIT.no;
    }
    if (!verified) {
      io.say(`Not verified: ${backends(missing.length)} missing, ${count(differing.length)} differing.`);
      for (const id of [...missing, ...differing].slice(0, 10)) io.say(`  ${printable(id)}`);
      io.say(
        'Does the target keep what is written? backend-registry doctor looks at its memory and its rows; then run this again.',
      );
      return EXIT.no;
    }
    io.say(
      `${backends(tally.copied)} of ${showPlace(places.from)} ${tally.copied === 1 ? 'is' : 'are'} in ${showPlace(places.to)}: compared, and the same.`,
    );
    const leaseMs = shortestLeaseMs(copied);
    if (tally.copied > 0 && leaseMs !== undefined)
      io.say(
        `The first of these leases ends in ${showDuration(leaseMs)}. While backends beat at the source, run this again to renew them; it leaves alone those that beat at the target.`,
      );
    return EXIT.done;
  } catch (error) {
    progress.clear();
    if (!io.interrupted && total === 0) throw error;
    io.say(
      `${io.interrupted ? 'Interrupted: ' : ''}${count(tally.copied)} of ${count(total)} are copied, each of them whole. To go on${io.interrupted ? '' : ', when both answer again'}:`,
    );
    io.say(`  ${commandOf(places, options)}`);
    if (!io.interrupted) throw error;
    return EXIT.interrupted;
  }
}

async function dryRun(io: Io, { source, target, places, signal }: Ends, options: Options): Promise<Exit> {
  const tally = new Tally();
  for await (const { backends: read, corrupt, askedAt } of storedBackends(source, { signal })) {
    const results = await at(places.to, restoreBackends(target, read, { askedAt, dryRun: true }));
    for (const result of results) tally.add(result);
    tally.addCorrupt(corrupt);
  }
  if (options.json) io.print(jsonOf(tally));
  else {
    tally.tell(io);
    io.say('Nothing was written.');
  }
  return EXIT.done;
}

/** The command once more, without what could be a secret. */
function commandOf({ from, to }: { from: Place; to: Place }, options: Options): string {
  const words = ['backend-registry', 'migrate'];
  const add = (name: string, value: string | boolean | undefined): void => {
    if (value === true) words.push(name);
    else if (typeof value === 'string')
      words.push(name, /^[\w./:@{}\-[\],]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);
  };
  // What came from the environment comes from there again.
  add('--from', options.from === undefined ? undefined : addressOf(from));
  add('--from-prefix', options.fromPrefix);
  add('--from-cluster', options.fromCluster);
  add('--from-sentinel', options.fromSentinel);
  add('--to', options.to === undefined ? undefined : addressOf(to));
  add('--to-prefix', options.toPrefix);
  add('--to-cluster', options.toCluster);
  add('--to-sentinel', options.toSentinel);
  for (const name of ['cacert', 'cert', 'key', 'insecure', 'timeout'] as const) add(`--${name}`, options[name]);
  const hidden = [options.from, options.to].some((url) => url?.includes('@'));
  return (
    printable(words.join(' ')) + (hidden ? '   (with the user and password of the urls, which are left out here)' : '')
  );
}

function addressOf(place: Place): string {
  return place.kind === 'sentinel' ? place.shown.replace(/ \(.*$/, '') : place.shown;
}
