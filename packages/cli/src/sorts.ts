/** What `top` can sort by, in the order in which a key goes through them. */
export const SORTS = ['in-flight', 'latency', 'at-load', 'status', 'backend'] as const;
export type Sort = (typeof SORTS)[number];
