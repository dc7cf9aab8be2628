/** Runs one command line, and says what to end with. */
import { CommanderError } from 'commander';
import type { Call } from './call.ts';
import { EXIT, type Exit } from './exit.ts';
import { toFailure } from './failure.ts';
import { processIo } from './io.ts';
import { type Place, readPlace } from './place.ts';
import { programOf, wordsAsked } from './program.ts';
import { openStore, type StoreRegistry } from './store.ts';

export async function run(args: readonly string[]): Promise<Exit> {
  using io = processIo();
  const opened: StoreRegistry[] = [];
  let last: Place | undefined;
  const call: Call = {
    io,
    place: (options) => readPlace(options, io.env),
    async open(place, options) {
      last = place;
      const registry = await openStore(place, options);
      opened.push(registry);
      return registry;
    },
  };
  let exit: Exit = EXIT.done;
  try {
    const program = programOf(call, args, (answer) => {
      exit = answer;
    });
    await program.parseAsync(wordsAsked(program, args), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) exit = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    else {
      const failure = toFailure(error, last?.shown);
      exit = failure.exit;
      // What an interrupted command left unfinished is no failure of its own.
      if (!io.signal.aborted) {
        const why = last && (await diagnosed(error, last, args));
        const line = why === undefined ? failure.line : `${last?.shown}: ${why}`;
        io.say(`${io.errorStyle.red('error:')} ${line}`);
      }
    }
  } finally {
    await Promise.all(opened.map((registry) => registry.close()));
  }
  await io.flushed();
  if (io.failure !== undefined) {
    io.say(`${io.errorStyle.red('error:')} the answer cannot be written: ${io.failure.message}`);
    return EXIT.store;
  }
  return io.interrupted ? EXIT.interrupted : exit;
}

/** Loaded where something has failed only. */
async function diagnosed(error: unknown, place: Place, args: readonly string[]): Promise<string | undefined> {
  const { diagnose } = await import('./diagnosis.ts');
  const [command = '', url] = args;
  return diagnose(error, place, command, url);
}
