/** Rule 1: exact leases, by the clock of the store. */
import { equal, eventually, ok } from '../assert.ts';
import type { ConformanceFixture } from '../harness.ts';
import { elapse, outlive, resolution, sample, shortLease } from '../tools.ts';

export const leases = {
  async 'leases: a backend lives as long as its heartbeat timeout says, by the clock of the store'(fixture: ConformanceFixture): Promise<void> {
    const { registry } = fixture;
    const leaseMs = shortLease(fixture);
    await registry.register(sample(1, { heartbeatTimeoutMs: leaseMs }));
    await elapse(fixture, leaseMs / 2);
    const alive = await registry.getBackend(sample());
    // What is left is told by the clock of the store, so it is exact however slow this test runs.
    ok(alive !== null, 'a backend must stay listed while its lease lasts');
    ok(alive.expiresInMs <= leaseMs / 2 + resolution(fixture), `half of the lease must be over, and ${alive.expiresInMs} ms are left`);
    ok(alive.expiresInMs > 0, 'the second half of the lease must be left');
    equal(alive.status, 'healthy', 'a backend is healthy while its lease lasts');
    await elapse(fixture, alive.expiresInMs);
    const over = await registry.getBackend(sample());
    equal([over?.status, over?.health, over?.expiresInMs], ['expired', false, 0], 'a backend is expired when its lease is over');
  },
};

void eventually;
void outlive;
