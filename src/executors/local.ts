import { executeRun } from './execute-run.js';
import type { Executor } from './executor.js';

/**
 * Executes runs on this machine.
 * @param parallel how many at the same time; on the instruction clock they do not influence each other
 */
export function localExecutor(parallel: number): Executor {
  return async (site, runs, progress, signal) => {
    const failure = new AbortController();
    const anySignal = AbortSignal.any([signal, failure.signal]);
    const waiting = [...runs];
    const total = runs.length;
    let firstError: unknown;

    const worker = async () => {
      for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
        const { spec, directory } = run;
        const title = `run ${total - waiting.length}/${total}: ${spec.method.id}, seed ${spec.seed}`;
        try {
          await progress.task(title, ({ detail }) =>
            executeRun(site, spec, directory, detail, anySignal),
          );
        } catch (error) {
          firstError ??= error;
          waiting.length = 0;
          failure.abort();
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(parallel, total) }, worker));
    if (firstError !== undefined) throw firstError;
  };
}
