// For runtimes with arguments and a standard output: Node, Bun, Deno. The report is the last line.
import { conformance } from './upstash.ts';

console.log(JSON.stringify(await conformance(JSON.parse(process.argv.at(-1) ?? ''))));
