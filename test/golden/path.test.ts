import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { analyzePathOf } from '../../src/instruments/path/analyze.js';
import { formatJson } from '../../src/process/json.js';
import { renderText } from '../../src/reporters/text.js';
import { analyzeFolder } from '../../src/results/analyze-folder.js';
import { RunFolder } from '../../src/run-folder/run-folder.js';
import { temporaryDirectory } from '../temporary-directory.js';

const artifacts = fileURLToPath(new URL('path/outsourcing', import.meta.url));

test('the probes of a real run give the figures that they gave before', async () => {
  const directory = await temporaryDirectory();
  await cp(artifacts, directory, { recursive: true });
  const result = await analyzeFolder(directory);
  await expect(formatJson(result)).toMatchFileSnapshot('expected/path.json');
  await expect(renderText(result)).toMatchFileSnapshot('expected/path.txt');
});

test('of a real run, no request is in two places at once', async () => {
  const { followed, responsesNs } = await analyzePathOf(await RunFolder.open(artifacts));
  expect(followed).toHaveLength(responsesNs.length);
  for (const [index, steps] of followed.entries()) {
    expect(steps.every((ns) => ns >= 0)).toBe(true);
    expect(steps.reduce((sum, ns) => sum + ns, 0)).toBe(responsesNs[index]);
  }
});
