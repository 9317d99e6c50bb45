import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { EvenkeelError, InterruptedError } from '../../src/process/errors.js';
import { reportFailure } from '../../src/process/failure-text.js';

test('the message, what the causes add, and the hints of all', () => {
  const io = new Error('EIO: i/o error');
  const read = new EvenkeelError('cannot read x:\nEIO: i/o error', {
    ...{ cause: io, hints: ['See dmesg.', 'Try again.'] },
  });
  const error = new EvenkeelError('no result', { cause: read, hints: ['Try again.'], exitCode: 1 });
  expect(reportFailure(error)).toEqual({
    text: [
      'no result',
      '  caused by: cannot read x:',
      '  EIO: i/o error',
      '  Try again.',
      '  See dmesg.',
    ].join('\n'),
    exitCode: 1,
  });
});

test('a cause whose message is quoted adds nothing', () => {
  const cause = new EvenkeelError('the disk is full');
  const error = new EvenkeelError('cannot write x: the disk is full', { cause });
  expect(reportFailure(error)?.text).toBe('cannot write x: the disk is full');
});

test('what a console has sent does not reach the terminal as control characters', () => {
  const error = new EvenkeelError('panic\x1b[2J\r\n\tat é', { hints: ['\x9b1m'] });
  expect(reportFailure(error)?.text).toBe('panic[2J\n\tat é\n  1m');
});

test('a failure of the system', async () => {
  const error = await readFile('/proc/1/mem/x').catch((reason: unknown) => reason);
  expect(reportFailure(error)).toEqual({
    text: expect.stringMatching(/^ENOTDIR: .*\n {2}A file stands where a folder is needed\.$/),
    exitCode: 2,
  });
});

test('an interruption has its own exit status, a bug no text', () => {
  expect(reportFailure(new InterruptedError())?.exitCode).toBe(130);
  expect(reportFailure(new TypeError('x is undefined'))).toBeUndefined();
});
