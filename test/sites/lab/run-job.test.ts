import { expect, test } from 'vitest';
import { CommandError } from '../../../src/process/command.js';
import { EvenkeelError } from '../../../src/process/errors.js';
import { withLogs } from '../../../src/sites/lab/run-job.js';

test("an error of a job keeps its class and its facts, with the host's paths as they are here", () => {
  const cause = new EvenkeelError('no', { fields: { logFile: '/run/artifacts/rt.log' } });
  const failed = new CommandError(['tar', '-x'], {
    ...{ why: 'exit status 2', exitStatus: 2, output: 'tar: No space left on device' },
    logFile: '/run/artifacts/tar.log',
  });
  failed.cause = cause;
  const told = withLogs(failed, '/tmp/job', ['The console of the guest rt0 is in x.']);
  expect(told).toBeInstanceOf(CommandError);
  expect(told).toMatchObject({
    name: 'CommandError',
    message: expect.stringContaining('its log: /tmp/job/tar.log'),
    hints: ['The console of the guest rt0 is in x.', ...failed.hints],
    exitCode: failed.exitCode,
    fields: { command: ['tar', '-x'], exitStatus: 2, logFile: '/tmp/job/tar.log' },
    cause: { fields: { logFile: '/tmp/job/rt.log' } },
  });
});
