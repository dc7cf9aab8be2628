import { join } from 'node:path';
import { testFleet } from '@backend-registry/example-fleet';

const directory = join(import.meta.dirname, '..');
testFleet({ runtime: 'Bun', directory, command: join(directory, 'node_modules/.bin/bun'), args: ['run'] });
