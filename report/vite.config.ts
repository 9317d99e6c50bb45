import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

/** Builds the report's template, dist/report/index.html: one file with its script and style in it. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [viteSingleFile({ removeViteModuleLoader: true })],
  build: {
    outDir: fileURLToPath(new URL('../dist/report', import.meta.url)),
    emptyOutDir: true,
    // With no second file to load, the preload code is dead weight, and it would call fetch().
    modulePreload: false,
  },
});
