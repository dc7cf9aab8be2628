#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Node 22 and newer keep what they have compiled: the next start is quicker. Node 20 knows nothing of it.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

// What a client throws where nobody can catch it, as at an answer that is none, is a failure like all others: in one line.
process.on('uncaughtException', (error) => {
  const line = String(error instanceof Error ? error.message : error).replace(/\s+/g, ' ');
  // Told when whoever had the terminal has given it back.
  process.once('exit', () => process.stderr.write(`error: unforeseen: ${line}\n`));
  process.exit(3);
});

const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2));
