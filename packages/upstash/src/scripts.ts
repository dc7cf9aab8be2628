/** Built from `lua/*.lua` and the scripts of core by `pnpm lua`: do not edit. */
import type { Script } from '@backend-registry/core/redis';

export const shas: Readonly<Record<string, string>> = {
  // changes
  'c0791493550b49c24d59eed82a841148ed1179c3': 'b4ed0c73e7c449772689b60e55e2458a08ab0fa4',
  // cleanup
  '8126db9ab7cfccb4dcf9c2d729396ec56793d961': '65762221a0668fa6b702005f33db2e2e81b642d9',
  // detail
  'c5720349c6331e21340c25604e3afeb95eaeb9bf': '791d85d643a0f68e0e6997bd6c2a3f7f39dca2e6',
  // documents
  '62183e21ba2855110f238e345910aa4289bb2ce9': '1385e0faa1b2c6ba2d3f23f6ce17fd424e44a8fc',
  // expired
  '6b030053e76dd1023dbff58049068db39c91e4dc': '6017813083d23d24000dfaf54b324cb0eacd5cf0',
  // heartbeat
  '8efa08f9429c002a6ea860358e79f3de6e51ae65': '42f56bb913495062c76d66da646bfefd6b714572',
  // register
  'cb4b322533923c8b6d2dfad82d711c1c60fce757': '4fc5a7bcf083444b639efe671402c5ac971a6520',
  // unregister
  '70e3504887a9e4bc3105a9567a9ac4bf50b1ea15': 'f579bc4a762072744b77ae57d32852cd9d72620d',
  // update
  '8bfb0afe2a29fd55ae099d6707090cc8c758a760': 'b401178be192e974a1e9bea804a2835ff7e29b7b',
};

export const scan: Script = {
  sha: 'ec8127e97c9ec05f6516fe3aa13fd14ad6996339',
  source: `local function run()
local step = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
table.insert(step[2], 1, step[1])
return step[2]
end
local reply = run()
if type(reply) == 'string' then return '.' .. reply end
if type(reply) == 'table' then
for n = 1, #reply do
if type(reply[n]) == 'string' then reply[n] = '.' .. reply[n] end
end
end
return reply`,
};
