import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  requireStillRunning,
  startProgram,
  stopPrograms,
  stoppedOnFailure,
} from '../../src/host/background-program.js';
import { temporaryDirectory } from '../temporary-directory.js';

const untilStopped = ['sh', '-c', 'while :; do sleep 1; done'];

test('runs beside what started it, with its output in files', async () => {
  const outputFile = join(await temporaryDirectory(), 'out');
  const logFile = `${outputFile}.log`;
  const command = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
  const program = await startProgram(command, { outputFile, logFile });
  expect(await program.ended(10_000)).toBe(3);
  expect(program.status()).toBe(3);
  expect(await readFile(outputFile, 'utf8')).toBe('out\n');
  expect(await readFile(program.logFile, 'utf8')).toBe('err\n');
});

test('is stopped, once or twice', async () => {
  const outputFile = join(await temporaryDirectory(), 'out');
  const program = await startProgram(untilStopped, { outputFile });
  expect(program.status()).toBeUndefined();
  requireStillRunning('the program', program, 'too early');
  await expect(program.ended(10)).rejects.toThrow('sh did not end within 0.01 s');
  await stopPrograms([program]);
  expect(program.status()).toBe(-1);
  await stopPrograms([program]);
  expect(() => requireStillRunning('the program', program, 'too early')).toThrow(
    'the program was killed too early',
  );
});

test('ends if the work fails that it runs beside, and only then', async () => {
  const outputFile = join(await temporaryDirectory(), 'out');
  const program = await startProgram(untilStopped, { outputFile });
  expect(await stoppedOnFailure([program], async () => 5)).toBe(5);
  expect(program.status()).toBeUndefined();
  const failing = stoppedOnFailure([program], () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(program.status()).toBe(-1);
});

test('that does not exist is an error', async () => {
  const outputFile = join(await temporaryDirectory(), 'out');
  await expect(startProgram(['/no/such/program'], { outputFile })).rejects.toThrow(
    'cannot start /no/such/program',
  );
});
