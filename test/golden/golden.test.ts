import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { renderMarkdown } from '../../src/reporters/markdown.js';
import { analyzeDirectory } from '../../src/results/result-directory.js';
import { temporaryDirectory } from '../run-directory.js';

const artifacts = fileURLToPath(new URL('artifacts', import.meta.url));

test('the artifacts of a real comparison give the figures that they gave before', async () => {
  const directory = await temporaryDirectory();
  await cp(artifacts, directory, { recursive: true });
  const result = await analyzeDirectory(directory);
  await expect(`${JSON.stringify(result, null, 2)}\n`).toMatchFileSnapshot('expected/result.json');
  await expect(renderMarkdown(result)).toMatchFileSnapshot('expected/table.md');
});
