// Installs a server with the package manager that PATH holds, and prints its path or what went wrong.
// Arguments: the path where the server will be, and the user whom the process takes itself for.
import { existsSync } from 'node:fs';
import { install } from '../../src/install.ts';

const [path = '', user = '0'] = process.argv.slice(2);
process.getuid = () => Number(user);
try {
  console.log(await install(() => (existsSync(path) ? path : undefined)));
} catch (error) {
  console.log(String(error));
}
