/** Built from `lua/*.lua` and the scripts of core by `pnpm lua`: do not edit. */
import type { Script } from '@backend-registry/core/redis';

export const shas: Readonly<Record<string, string>> = {
  // changes
  '8772d2bff2fe793e388a3b65ee144d3e6ff492f0': 'a28de1b9aa481a8792e0a73d64600de01c34a1cf',
  // cleanup
  '695498cdd4a66fe568806a806689bf980e33f23f': '8cecc3ecdde884e840a8b0d4cd203167b59f80f6',
  // detail
  'c5720349c6331e21340c25604e3afeb95eaeb9bf': '791d85d643a0f68e0e6997bd6c2a3f7f39dca2e6',
  // expired
  '199c88b7c70d9cd031efe5d5ce173e004eb7ab40': '493ba0473a13a4a3de18b2d45e3e12e8c611f48d',
  // heartbeat
  'f226ddda934f9b363da8f89d9aa0dfe23ce76a5b': 'b6dcedf31859e8381c87cb67e75e98f5f8df6671',
  // register
  '70c2ac0c4fcc30b713bbd6d9d0879d17a2721939': '2c4726c1e6b810e0b81b78bc1d3e885a7ee41a7d',
  // unregister
  '22ba07412568345d4061301348849e9897ae71e1': 'd89eb2c5b632e1d6e51b8ba9f6c3e0937da678d8',
  // update
  '37fcb2724ffef43c7a85d4edf6a91134a175dc7a': '88cbcf454f67fcb3578954a65dd8a9f26b93f7e5',
};

export const mget: Script = {
  sha: 'de996a8a11e8e08a6a3c2ce8e3c9542967618397',
  source: `#!lua flags=allow-key-locking
local function run()
return redis.call('MGET', unpack(KEYS))
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
