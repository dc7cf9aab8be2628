/** What a user of the store is for. */
export const ROLES = ['backend', 'proxy', 'cleaner', 'operator'] as const;
export type Role = (typeof ROLES)[number];
