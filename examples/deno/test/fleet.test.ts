import { join } from 'node:path';
import { testFleet } from '@backend-registry/example-fleet';

const directory = join(import.meta.dirname, '..');
const args = ['run', '--no-prompt', '--allow-net', '--allow-env', '--allow-sys', '--node-modules-dir=manual'];
// The runtime itself: what stands in .bin starts it as a child, which a signal does not reach.
testFleet({ runtime: 'Deno', directory, command: join(directory, 'node_modules/deno/deno'), args });
