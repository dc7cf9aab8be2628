// Starts servers, prints what they are, and abandons them: waits to be killed, or ends as its argument says.
import { type RedisServer, startCluster, startStandalone } from '../../src/index.ts';

const [how] = process.argv.slice(2);
const killed = how === 'killed';

const plain = await startStandalone({ persistent: true });
const frozen = await startStandalone();
await frozen.freeze();
const servers: RedisServer[] = [plain, frozen];
if (killed) servers.push(...(await startCluster()).nodes);

const [, folder] = (await plain.cli('CONFIG', 'GET', 'dir')) as string[];
console.log(JSON.stringify({ folder, servers: servers.map(({ pid, port }) => ({ pid, port })) }));

if (killed) setInterval(() => undefined, 60_000);
if (how === 'exited') process.exit(0);
// Otherwise nothing is left to do, and the process ends by itself.
