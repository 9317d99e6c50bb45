import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const fragment = new URL('../../../../lab/kernel/debug.config', import.meta.url);

test('the fragment of the debug kernel decides each option once', async () => {
  const lines = (await readFile(fragment, 'utf8')).split('\n');
  const options = lines
    .map((line) => /^(?:CONFIG_(\w+)=\S+|# CONFIG_(\w+) is not set)$/.exec(line))
    .flatMap((match) => match?.[1] ?? match?.[2] ?? []);
  expect(options).toContain('PROVE_LOCKING');
  expect(new Set(options).size).toBe(options.length);
  expect(lines.filter((line) => line.includes('CONFIG_'))).toHaveLength(options.length);
});
