/** The suite is tested itself: each of these registries has one fault, and the case that it names finds it. */
import { describe, expect, test } from 'vitest';
import { type ConformanceHarness, memoryHarness, runCase } from '../src/conformance/cases.ts';
import type { BackendRegistry, RegistryOptions } from '../src/index.ts';
import { brokenRegistries, type Fault } from './broken/registries.ts';

/** The memory registry with a fault in every one of its handles. */
function brokenHarness(name: string, fault: Fault): ConformanceHarness {
  const memory = memoryHarness();
  return {
    name,
    async open(given) {
      const options: RegistryOptions = { ...given };
      const fixture = await memory.open(given);
      const open = async (asked: RegistryOptions): Promise<BackendRegistry> => {
        const changed = { ...asked };
        fault(fixture.registry, changed);
        const registry = await fixture.second(changed);
        // What it has put among the options is there.
        const methods = fault(registry, { ...changed, ...asked });
        return new Proxy(registry, {
          get(target, key) {
            const value = Reflect.get(methods, key) ?? Reflect.get(target, key);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
      };
      return { ...fixture, registry: await open(options), second: (asked = {}) => open({ ...given, ...asked }) };
    },
  };
}

describe('a registry with a fault fails the suite:', () => {
  test.each(Object.entries(brokenRegistries))(
    '%s',
    async (name, { caughtBy, fault }) => {
      const found = await runCase(brokenHarness(name, fault), caughtBy).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(found, `"${caughtBy}" must find that ${name}`).toBeInstanceOf(Error);
      // Some faults show as an event that never comes, which the cases wait for.
    },
    20_000,
  );

  test('and what the faults are put into passes it', async () => {
    const cases = new Set(Object.values(brokenRegistries).map(({ caughtBy }) => caughtBy));
    for (const name of cases)
      await runCase(
        brokenHarness('no fault', () => ({})),
        name,
      );
  });
});
