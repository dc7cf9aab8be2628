import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: 'esm',
  platform: 'neutral',
  target: ['es2022', 'node20'],
  dts: true,
  fixedExtension: false,
  publint: { level: 'error', strict: true },
  attw: { level: 'error', profile: 'esm-only' },
});
