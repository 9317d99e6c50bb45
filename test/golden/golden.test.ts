import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { formatJson } from '../../src/process/json.js';
import { renderMarkdown } from '../../src/reporters/markdown.js';
import { analyzeFolder } from '../../src/results/analyze-folder.js';
import { temporaryDirectory } from '../temporary-directory.js';

const artifacts = fileURLToPath(new URL('artifacts', import.meta.url));

test('the artifacts of a real comparison give the figures that they gave before', async () => {
  const directory = await temporaryDirectory();
  await cp(artifacts, directory, { recursive: true });
  const result = await analyzeFolder(directory);
  await expect(formatJson(result)).toMatchFileSnapshot('expected/result.json');
  await expect(renderMarkdown(result)).toMatchFileSnapshot('expected/table.md');
});
