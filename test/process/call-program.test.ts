import { expect, test } from 'vitest';
import { callProgram } from '../../src/process/call-program.js';
import { EvenkeelError } from '../../src/process/errors.js';

const timeoutMs = 10_000;

test('a program that ends without reading its input is no failure', async () => {
  const input = 'x'.repeat(2 ** 20);
  expect(await callProgram('true', [], { timeoutMs, input })).toBe('');
});

test('a program gets its input', async () => {
  expect(await callProgram('cat', [], { timeoutMs, input: 'word' })).toBe('word');
});

test('a failure has the command, its status and what it printed', async () => {
  const failing = callProgram('sh', ['-c', 'echo why >&2; exit 3'], { timeoutMs });
  const error = await failing.catch((one: unknown) => one);
  expect(error).toBeInstanceOf(EvenkeelError);
  expect(error).toMatchObject({ fields: { exitStatus: 3, output: 'why' } });
});
