// For the edge runtime, which runs a script: what to run and the report are globals.
import { conformance, type UpstashInput } from './upstash.ts';

const { input } = globalThis as unknown as { readonly input: UpstashInput };
Object.assign(globalThis, { report: conformance(input) });
