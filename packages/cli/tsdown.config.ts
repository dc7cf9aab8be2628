import { licensePlugin } from 'rolldown-license-plugin';
import { defineConfig } from 'tsdown';

/** What ioredis names at its start and uses later, or never: a command that ends after one call need not load it. */
const LATER = /\brequire\((['"])(tls|crypto|assert)\1\)/g;

/** ioredis hears one error of a socket; a refused TLS handshake can have two, and the second one would end the process. */
const ONE_ERROR = 'stream.once("error", eventHandler.errorHandler(_this));';

/** Half of the start of `list` was the loading of these: see the section `cli` of the benchmarks. */
const lean = {
  name: 'lean',
  resolveId: (id: string) => (id === 'debug' ? 'lean:debug' : undefined),
  // What ioredis would print for DEBUG=ioredis:*.
  load: (id: string) =>
    id === 'lean:debug' ? 'exports.default = () => Object.assign(() => {}, { enabled: false });' : undefined,
  transform(code: string, id: string) {
    if (!/\/node_modules\/(?:ioredis|redis-errors)\//.test(id)) return undefined;
    const isClient = id.endsWith('/ioredis/built/Redis.js');
    if (isClient && !code.includes(ONE_ERROR)) throw new Error(`${id} does not have: ${ONE_ERROR}`);
    return code.replace(ONE_ERROR, ONE_ERROR.replace('once', 'on')).replace(
      LATER,
      (_, __, name) => `new Proxy(() => {}, {
        get: (_, property) => require('${name}')[property],
        apply: (_, __, given) => require('${name}')(...given),
      })`,
    );
  },
};

/** The bundle carries the code of others, and with it what they ask to be carried along. */
const licenses = licensePlugin({
  allow: ({ license, licenseText }) => /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause)$/.test(license) && licenseText !== '',
  failOnViolation: true,
  failOnUnlicensed: true,
  done(packages, context) {
    const texts = packages.map(
      ({ name, version, license, licenseText }) => `## ${name} ${version} (${license})\n\n${licenseText.trim()}\n`,
    );
    context.emitFile({
      type: 'asset',
      fileName: 'THIRD-PARTY-LICENSES.md',
      source: `# Licences of the packages in this bundle\n\n${texts.join('\n')}`,
    });
  },
});

export default defineConfig({
  entry: { main: 'src/main.ts' },
  format: 'esm',
  platform: 'node',
  target: ['es2022', 'node20'],
  dts: false,
  fixedExtension: false,
  // Everything is in the bundle: one file loads in a fraction of the time of ioredis's many.
  deps: { alwaysBundle: [/.*/], neverBundle: ['@backend-registry/redis'] },
  plugins: [lean, licenses],
  // Lines are kept: Node prints the one that an unforeseen error comes from.
  minify: { compress: true, mangle: false, codegen: false },
  publint: { level: 'error', strict: true },
});
