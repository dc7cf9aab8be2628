/** Says what the factory makes of each type where this program is installed. */
import { RegistryError } from '@backend-registry/core';
import { createRegistry, type RegistryType } from '@backend-registry/core/factory';

const types: readonly RegistryType[] = ['memory', 'redis', 'ioredis', 'node-redis', 'upstash'];
const made: Partial<Record<RegistryType, string>> = {};
for (const type of types) {
  try {
    // Nobody listens there: what counts is whose client it is.
    const registry = await createRegistry({ env: { REGISTRY_TYPE: type, REDIS_URL: 'redis://127.0.0.1:1' } });
    made[type] = registry.constructor.name;
    await registry.close();
  } catch (error) {
    made[type] = RegistryError.is(error) ? error.code : String(error);
  }
}
console.log(JSON.stringify(made));
