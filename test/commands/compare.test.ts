import { expect, test } from 'vitest';
import { runCli } from '../cli.js';

/** Where nothing can be written: the command ends before it builds anything, after it has read its options. */
const nowhere = ['--out', '/proc/nowhere'];

test('takes --all by itself', async () => {
  const { stderr, exitCode } = await runCli(['compare', '--all', ...nowhere], { reject: false });
  expect(stderr).toContain('/proc/nowhere');
  expect(exitCode).toBe(2);
});

test.each([
  ['--methods', 'threaded'],
  ['--housekeeping', 'rt'],
])('refuses --all with %s', async (option, value) => {
  const args = ['compare', '--all', option, value, ...nowhere];
  const { stderr, exitCode } = await runCli(args, { reject: false });
  expect(stderr).toContain(`option '--all' cannot be used with option '${option}`);
  expect(exitCode).not.toBe(0);
});
