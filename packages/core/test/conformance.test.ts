import { memoryHarness, testRegistry } from '../src/conformance/index.ts';

await testRegistry(memoryHarness());
