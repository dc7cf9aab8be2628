/** What a bridge has been asked, and what of it Upstash would bill. */
export class Counts {
  requests = 0;
  /** Commands billed: each one of a pipeline or transaction, and each that a script calls. */
  commands = 0;
  /** Of these, the ones that scripts called. A script that ends with an error does not tell. */
  scriptCalls = 0;
  /** Scripts that were run by their text, and by their SHA-1. */
  evals = 0;
  evalshas = 0;
  /** Runs of scripts with `allow-key-locking`: all others would take the global lock. */
  keyLockingScripts = 0;
  /** Streams of subscriptions that were opened. */
  streams = 0;
  /** Of bodies. */
  bytesIn = 0;
  bytesOut = 0;

  reset(): void {
    Object.assign(this, new Counts());
  }
}
