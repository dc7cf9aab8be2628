import { afterEach, expect, test, vi } from 'vitest';
import { announce, MemoryBackendRegistry, MemoryStore } from '../src/index.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test.each([
  ['the shortest', 0],
  ['the longest', 1 - Number.EPSILON],
])(
  'calls follow each other within a heartbeat interval, also while the store is down: %s pauses',
  async (_, random) => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(random);
    let down = false;
    const calls: number[] = [];
    const store = new MemoryStore({
      faults: {
        before() {
          calls.push(performance.now());
          if (down) throw new Error('the store is down');
        },
      },
    });
    await using registry = new MemoryBackendRegistry({ store });
    const heartbeatIntervalMs = 10_000;
    const announcement = announce(registry, { url: 'http://h', port: 1 }, { heartbeatIntervalMs, drainNoticeMs: 0 });
    await announcement.ready;

    for (const state of ['registered', 'unreachable', 'registered']) {
      down = state === 'unreachable';
      await vi.advanceTimersByTimeAsync(heartbeatIntervalMs);
      expect(announcement.state).toBe(state);
      await vi.advanceTimersByTimeAsync(20 * heartbeatIntervalMs);
    }
    const closed = announcement.close();
    await vi.advanceTimersByTimeAsync(heartbeatIntervalMs);
    await closed;

    const gaps = calls.slice(1).map((at, n) => at - (calls[n] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(heartbeatIntervalMs);
    // It does not press a store that is down any more than one that answers.
    expect(gaps.filter((gap) => gap > heartbeatIntervalMs / 2).length).toBeGreaterThan(50);
  },
);
