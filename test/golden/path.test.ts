import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { analyzePath } from '../../src/instruments/path/analyze.js';
import { pathResultSchema } from '../../src/instruments/path/schema.js';
import { summarizePath } from '../../src/instruments/path/summarize.js';
import { renderPaths } from '../../src/instruments/path/text.js';
import { readProbeArtifacts } from '../../src/run-folder/artifacts.js';

const artifacts = fileURLToPath(new URL('path/outsourcing', import.meta.url));

test('the probes of a real run give the figures that they gave before', async () => {
  const run = analyzePath(await readProbeArtifacts(artifacts));
  const { clock, load } = run.manifest;
  const methods = [summarizePath([run], [])];
  const result = pathResultSchema.parse({ schema: 'evenkeel.path/1', clock, load, methods });
  await expect(`${JSON.stringify(result, null, 2)}\n`).toMatchFileSnapshot('expected/path.json');
  await expect(renderPaths(result)).toMatchFileSnapshot('expected/path.txt');
});

test('of a real run, no request is in two places at once', async () => {
  const { followed, responsesNs } = analyzePath(await readProbeArtifacts(artifacts));
  expect(followed).toHaveLength(responsesNs.length);
  for (const [index, steps] of followed.entries()) {
    expect(steps.every((ns) => ns >= 0)).toBe(true);
    expect(steps.reduce((sum, ns) => sum + ns, 0)).toBe(responsesNs[index]);
  }
});
