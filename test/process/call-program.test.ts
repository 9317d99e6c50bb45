import { expect, test } from 'vitest';
import { callProgram } from '../../src/process/call-program.js';
import { EvenkeelError } from '../../src/process/errors.js';

const limits = { timeoutMs: 20_000 };

async function failure(work: Promise<unknown>): Promise<EvenkeelError> {
  const error = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EvenkeelError);
  return error as EvenkeelError;
}

test('returns stdout, and gives the program its input', async () => {
  expect(await callProgram('cat', [], { ...limits, input: 'a b\n' })).toBe('a b\n');
  expect(await callProgram('cat', [], limits)).toBe('');
});

test('a program need not read its input', async () => {
  const input = 'x'.repeat(2 ** 22);
  for (let time = 0; time < 5; time += 1) {
    expect(await callProgram('true', [], { ...limits, input })).toBe('');
  }
});

test('a failure has the command, its exit status and what it said', async () => {
  const error = await failure(callProgram('sh', ['-c', 'echo no >&2; exit 3'], limits));
  expect(error.message).toBe('sh -c echo no >&2; exit 3: no');
  expect(error.fields).toEqual({
    command: ['sh', '-c', 'echo no >&2; exit 3'],
    exitStatus: 3,
    output: 'no',
  });
  expect((await failure(callProgram('false', [], limits))).message).toBe('false: exit status 1');
});

test('says why a program did not start, or did not end', async () => {
  const missing = await failure(callProgram('no-such-program', ['x'], limits));
  expect(missing.message).toBe('no-such-program x: spawn no-such-program ENOENT');
  expect(missing.fields).toMatchObject({ code: 'ENOENT' });
  const slow = await failure(callProgram('sleep', ['60'], { timeoutMs: 50 }));
  expect(slow.message).toBe('sleep 60: killed, not finished after 0.05 s');
  expect(slow.fields).toMatchObject({ signal: 'SIGTERM' });
});
