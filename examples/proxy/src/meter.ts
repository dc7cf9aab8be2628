import type { BackendMetrics } from '@backend-registry/core';

/** How much a new latency counts in an average. */
const SHARE = 0.1;

/** Measures what a backend reports about itself. */
export class Meter {
  #inFlight = 0;
  #overall = 0;
  /** Average latency of the requests that arrived while so many were in flight. */
  readonly #byInFlight: number[] = [];

  get inFlight(): number {
    return this.#inFlight;
  }

  /** A request begins; call what is returned when it has ended. */
  begin(): () => void {
    const startedAt = performance.now();
    this.#inFlight += 1;
    const level = this.#inFlight;
    return () => {
      const latency = performance.now() - startedAt;
      this.#inFlight -= 1;
      this.#overall = average(this.#overall, latency);
      this.#byInFlight[level] = average(this.#byInFlight[level], latency);
    };
  }

  read(): BackendMetrics {
    let level = Math.max(this.#inFlight, 1);
    while (level > 1 && this.#byInFlight[level] === undefined) level -= 1;
    return {
      inFlightRequests: this.#inFlight,
      rifAvgLatency: round(this.#byInFlight[level] ?? this.#overall),
      overallAvgLatency: round(this.#overall),
    };
  }
}

function average(before: number | undefined, latency: number): number {
  return before === undefined || before === 0 ? latency : before + (latency - before) * SHARE;
}

/** Tenths of a millisecond: finer steps would be news that nobody needs. */
function round(latency: number): number {
  return Math.round(latency * 10) / 10;
}
