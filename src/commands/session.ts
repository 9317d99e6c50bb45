import { createProgress, type Progress } from '../process/progress.js';
import { LabBuilder } from '../sites/lab/images/build-lab.js';

/** What a command that takes long works with. */
export interface Session {
  readonly progress: Progress;
  /** Raised by the first Ctrl-C, SIGTERM or SIGHUP; the second one ends the process at once. */
  readonly signal: AbortSignal;
  labBuilder(options?: { refresh?: boolean }): LabBuilder;
}

/** Starts to listen for Ctrl-C and to show progress on stderr. */
export function startSession(): Session {
  const interruption = new AbortController();
  const progress = createProgress(process.stderr, process.env);
  const interrupt = () => {
    if (interruption.signal.aborted) process.exit(130);
    progress.note('stopping; once more to stop at once');
    interruption.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', interrupt);
  // Progress that a closed terminal does not take must not keep us from cleaning up.
  process.stderr.on('error', () => undefined);
  const { signal } = interruption;
  return {
    progress,
    signal,
    labBuilder: ({ refresh = false } = {}) => new LabBuilder({ signal, progress, refresh }),
  };
}
