import { expect, test } from 'vitest';
import { EvenkeelError, InterruptedError } from '../../../../src/process/errors.js';
import { createProgress } from '../../../../src/process/progress.js';
import { createBuildContext, together } from '../../../../src/sites/lab/images/context.js';
import { untilStopped } from '../../../until-stopped.js';

function contextOf(signal: AbortSignal) {
  const progress = createProgress({ write: () => undefined }, {});
  return createBuildContext({ signal, progress, environment: { XDG_CACHE_HOME: '/nowhere' } });
}

test('gives the results in order', async () => {
  const context = contextOf(new AbortController().signal);
  expect(await together(context, [Promise.resolve(1), Promise.resolve('two')])).toEqual([1, 'two']);
  expect(context.signal.aborted).toBe(false);
});

test('stops the others when a step fails, waits for their end, and throws what failed', async () => {
  const context = contextOf(new AbortController().signal);
  let ended = false;
  const other = untilStopped(context.signal, () => {
    ended = true;
  });
  const failed = Promise.reject(new EvenkeelError('no space'));
  await expect(together(context, [other, failed])).rejects.toThrow('no space');
  expect(ended).toBe(true);
});

test('is interrupted when the user stops it', async () => {
  const stop = new AbortController();
  const context = contextOf(stop.signal);
  const steps = together(context, [untilStopped(context.signal, () => undefined)]);
  stop.abort();
  await expect(steps).rejects.toThrow(InterruptedError);
});
