import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'tsdown';

const publicEntry = fileURLToPath(new URL('src/index.ts', import.meta.url));

const shared = {
  format: 'esm',
  platform: 'neutral',
  target: ['es2022', 'node20'],
  dts: true,
  fixedExtension: false,
  outDir: 'dist',
  // Both run once, after the last build.
  publint: { level: 'error', strict: true },
  attw: { level: 'error', profile: 'esm-only' },
} satisfies UserConfig;

// Two builds, so that no chunk is shared: nothing of the conformance suite may reach the runtime files.
export default defineConfig([
  {
    ...shared,
    name: 'runtime',
    entry: {
      index: 'src/index.ts',
      factory: 'src/factory.ts',
      redis: 'src/redis/index.ts',
      move: 'src/redis/move/index.ts',
    },
    clean: ['dist/*.js', 'dist/*.d.ts'],
    // `AsyncDisposable` is in no default lib: whoever uses these types need not know.
    banner: { dts: '/// <reference lib="esnext.disposable" />' },
  },
  {
    ...shared,
    name: 'conformance',
    entry: { index: 'src/conformance/index.ts', cases: 'src/conformance/cases.ts' },
    outDir: 'dist/conformance',
    clean: true,
    deps: { neverBundle: ['vitest'] },
    plugins: [
      {
        // The suite uses the runtime as anybody else does, through its public entry: one `RegistryError`, one set of types.
        name: 'public-entry-stays-outside',
        resolveId: {
          order: 'pre',
          async handler(source, importer, options) {
            const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
            return resolved?.id === publicEntry ? { id: '../index.js', external: true } : null;
          },
        },
      },
    ],
  },
]);
