import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { formatJson } from '../../src/process/json.js';
import { renderText } from '../../src/reporters/text.js';
import { analyzeFolder } from '../../src/results/analyze-folder.js';
import { temporaryDirectory } from '../temporary-directory.js';

const artifacts = fileURLToPath(new URL('caches', import.meta.url));

test('what the model of the caches counted in real runs gives the figures that it gave before', async () => {
  const directory = await temporaryDirectory();
  await cp(artifacts, directory, { recursive: true });
  const result = await analyzeFolder(directory);
  await expect(formatJson(result)).toMatchFileSnapshot('expected/caches.json');
  await expect(renderText(result)).toMatchFileSnapshot('expected/caches.txt');
});
