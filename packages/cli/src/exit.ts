/** What the program ends with. Scripts stand on these: they are stable. */
export const EXIT = {
  /** Done, or the answer is yes. */
  done: 0,
  /** The answer is no: not registered, another life of the address is, a check has failed. */
  no: 1,
  /** Asked in a way that cannot be meant. Nothing was done. */
  usage: 2,
  /** The store cannot be reached, or refuses; or the answer cannot be written. */
  store: 3,
  /** Interrupted: 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];
