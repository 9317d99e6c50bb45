import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseValidatedJson } from '../../src/process/json.js';

const schema = z.strictObject({ runs: z.array(z.strictObject({ seed: z.number() })) });

test('returns what the schema makes of the JSON', () => {
  expect(parseValidatedJson('a.json', '{"runs":[{"seed":1}]}', schema)).toEqual({
    runs: [{ seed: 1 }],
  });
});

test('names the source of text that is not JSON', () => {
  expect(() => parseValidatedJson('a.json', '{', schema)).toThrow('a.json: expected JSON: ');
});

test('names the path of an issue', () => {
  expect(() => parseValidatedJson('a.json', '{"runs":[{"seed":"1"}]}', schema)).toThrow(
    'a.json: runs[0].seed: Invalid input: expected number, received string',
  );
  expect(() => parseValidatedJson('a.json', '7', schema)).toThrow('a.json: the whole document: ');
});

test('lists five issues and counts the rest', () => {
  const text = JSON.stringify({ runs: Array.from({ length: 7 }, () => ({ seed: null })) });
  expect(() => parseValidatedJson('a.json', text, schema)).toThrow(
    /^a\.json: \n(?: {2}runs\[[0-4]\]\.seed: .*\n){5} {2}and 2 more$/,
  );
});
