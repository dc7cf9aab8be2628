/** The conformance suite on vitest: `await testRegistry(harness)` in a test file is the whole test of an adapter. */
import { describe, test } from 'vitest';
import { planSuite, runCase } from './cases.ts';
import type { ConformanceHarness } from './harness.ts';

export * from './cases.ts';

/**
 * Registers one vitest test for each case that applies to the harness, and says which do not.
 *
 * ```ts
 * import { testRegistry } from '@backend-registry/core/conformance';
 *
 * await testRegistry({ name: 'my store', open: async ({ keyPrefix, heartbeatTimeoutMs }) => … });
 * ```
 */
export async function testRegistry(harness: ConformanceHarness): Promise<void> {
  const { run, notOffered, caseTimeoutMs } = await planSuite(harness);
  for (const { name, needs } of notOffered) {
    console.info(`${harness.name}: not run, for the harness does not offer ${needs.join(', ')}: ${name}`);
  }
  describe(harness.name, () => {
    for (const name of run) {
      const reason = harness.knownGaps?.[name];
      const title: string = reason === undefined ? name : `${name} (known gap: ${reason})`;
      const body = () => runCase(harness, name);
      if (reason === undefined) test(title, body, caseTimeoutMs);
      else test.fails(title, body, caseTimeoutMs);
    }
  });
}
