import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { analyzeCaches } from '../../src/instruments/caches/analyze.js';
import { cachesResultSchema } from '../../src/instruments/caches/schema.js';
import { summarizeCaches } from '../../src/instruments/caches/summarize.js';
import { renderCaches } from '../../src/instruments/caches/text.js';
import { readCacheArtifacts } from '../../src/run-folder/artifacts.js';

const artifacts = fileURLToPath(new URL('caches', import.meta.url));

test('what the model of the caches counted in real runs gives the figures that it gave before', async () => {
  const vanilla = analyzeCaches(await readCacheArtifacts(`${artifacts}/vanilla/seed-1`));
  const outsourcing = analyzeCaches(await readCacheArtifacts(`${artifacts}/outsourcing/seed-1`));
  const { clock, load } = vanilla.manifest;
  const result = cachesResultSchema.parse({
    ...{ schema: 'evenkeel.caches/1', clock, load, caches: vanilla.caches },
    methods: [[vanilla], [outsourcing]].map(summarizeCaches),
  });
  await expect(`${JSON.stringify(result, null, 2)}\n`).toMatchFileSnapshot('expected/caches.json');
  await expect(renderCaches(result)).toMatchFileSnapshot('expected/caches.txt');
});
