/** The demo: a proxy that loses backends while it serves, and what its clients notice of that. */
import { constants } from 'node:os';
import { runDemo } from './demo.ts';
import { type DemoOptions, readOptions, USAGE } from './options.ts';
import { openScreen } from './screen.ts';

const asked = readOptions(process.argv.slice(2));
switch (asked.status) {
  case 'help':
    process.stdout.write(USAGE);
    break;
  case 'invalid':
    process.stderr.write(`${asked.message}\n\n${USAGE}`);
    process.exitCode = 2;
    break;
  case 'run':
    await run(asked.options);
}

async function run(options: DemoOptions): Promise<void> {
  const interrupted = new AbortController();
  function interrupt(signal: 'SIGINT' | 'SIGTERM'): void {
    const exitCode = 128 + constants.signals[signal];
    // Asked twice: at once.
    if (interrupted.signal.aborted) process.exit(exitCode);
    interrupted.abort();
    process.exitCode = exitCode;
  }
  // Nobody reads on: `demo | head`.
  process.stdout.on('error', () => interrupted.abort());
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const screen = openScreen(process.stdout, options.plain);
  try {
    const { text, passed } = await runDemo(options, screen, interrupted.signal);
    screen.close(text);
    process.exitCode ??= passed ? 0 : 1;
  } catch (error) {
    screen.close('');
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
