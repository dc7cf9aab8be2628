#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Node 22 and newer keep what they have compiled: the next start is quicker. Node 20 knows nothing of it.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2));
