// For runtimes with a standard output: Node, Bun, Deno. The report is the last line.
import { smoke } from './smoke.ts';

console.log(JSON.stringify(await smoke()));
