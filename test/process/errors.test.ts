import { expect, test } from 'vitest';
import { CommandError } from '../../src/process/command.js';
import {
  afterMove,
  causesOf,
  EvenkeelError,
  InterruptedError,
  maxCauses,
  withHints,
  withMessage,
} from '../../src/process/errors.js';

class OwnError extends EvenkeelError {
  override name = 'OwnError';
}

const cause = Object.assign(new Error("ENOENT: no such file, open '/a/log'"), {
  code: 'ENOENT',
  path: '/a/log',
});
const original = new OwnError('cannot read /a/log', {
  ...{ cause, hints: ['See /a/log.'], exitCode: 7 },
  fields: { path: '/a/log', words: ['cat', '/a/log'], nested: { path: '/a' }, size: 3 },
});

test('a fact that is not known is no field', () => {
  expect(new EvenkeelError('x', { fields: { a: undefined, b: null } }).fields).toEqual({ b: null });
});

test('other hints or another message leave the class and all else as it is', () => {
  const hinted = withHints(original, ['Wait.']);
  expect(hinted).toBeInstanceOf(OwnError);
  expect(hinted).toMatchObject({ name: 'OwnError', message: original.message, hints: ['Wait.'] });
  expect(hinted).toMatchObject({ exitCode: 7, fields: original.fields, cause });
  const told = withMessage(original, 'file.json: cannot read $& /a/log');
  expect(told).toBeInstanceOf(OwnError);
  expect(told).toMatchObject({ hints: original.hints, exitCode: 7, fields: original.fields });
  expect(told.message).toBe('file.json: cannot read $& /a/log');
  expect(told.stack).toMatch(/^.*file\.json: cannot read \$& \/a\/log\n +at /);
  expect(original.hints).toEqual(['See /a/log.']);
  expect(original.message).toBe('cannot read /a/log');
});

test('after a move, texts, facts and causes have the new path', () => {
  const moved = afterMove(original, '/a', '/b') as OwnError;
  expect(moved).toBeInstanceOf(OwnError);
  expect(moved).toMatchObject({
    ...{ name: 'OwnError', message: 'cannot read /b/log', hints: ['See /b/log.'], exitCode: 7 },
    fields: { path: '/b/log', words: ['cat', '/b/log'], nested: { path: '/b' }, size: 3 },
  });
  expect(moved.cause).toBeInstanceOf(Error);
  expect(moved.cause).toMatchObject({ code: 'ENOENT', path: '/b/log' });
  expect((moved.cause as Error).message).toContain("'/b/log'");
  expect(cause.path).toBe('/a/log');
});

test('a CommandError stays one after a move', () => {
  const failed = new CommandError(['cat', '/a/x'], {
    ...{ why: 'exit status 1', exitStatus: 1, output: 'cat: /a/x: No such file\n' },
    logFile: '/a/log',
  });
  const moved = afterMove(failed, '/a', '/b') as CommandError;
  expect(moved).toBeInstanceOf(CommandError);
  expect(moved.message).toBe('cat /b/x: exit status 1; its log: /b/log\n  cat: /b/x: No such file');
  expect(moved.fields).toEqual({
    ...{ command: ['cat', '/b/x'], why: 'exit status 1', exitStatus: 1, logFile: '/b/log' },
    output: 'cat: /b/x: No such file',
  });
});

test('what is no known failure, or an interruption, does not change when its files move', () => {
  const bug = new TypeError('/a is undefined');
  expect(afterMove(bug, '/a', '/b')).toBe(bug);
  const interruption = new InterruptedError();
  expect(afterMove(interruption, '/a', '/b')).toBe(interruption);
});

test('causes that go round have an end', () => {
  const first = new EvenkeelError('/a');
  first.cause = new EvenkeelError('second', { cause: first });
  expect(causesOf(first)).toHaveLength(maxCauses);
  expect(afterMove(first, '/a', '/b')).toMatchObject({ message: '/b' });
});
