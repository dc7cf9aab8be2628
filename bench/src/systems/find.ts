import type { System } from './system.ts';

/** The system of this name, of the file that exports it: a process that needs no other loads no other. */
export async function systemOf(module: string, name: string): Promise<System> {
  const exported: readonly (System | readonly System[])[] = Object.values(await import(module));
  const system = exported.flat().find((each) => each.name === name);
  if (system === undefined) throw new Error(`There is no system ${name}`);
  return system;
}
