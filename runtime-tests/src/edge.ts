// For the edge runtime, which runs a script: the report is a global.
import { smoke } from './smoke.ts';

Object.assign(globalThis, { report: smoke() });
