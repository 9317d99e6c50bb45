import type { RunSpec } from '../plan/run-spec.js';
import type { RunIdentity, SiteReport } from '../run-folder/manifest.js';

/** Where runs take place. It has all that its runs need, and is ready to execute them. */
export interface Site {
  /** All that decides what the run leaves, besides chance: known before it is executed. */
  identify(spec: RunSpec): RunIdentity;
  /** Free space that a run needs in its folder, in bytes. */
  readonly neededDiskBytes: number;
  /**
   * Executes a run and leaves its artifacts in `directory`, which exists and is empty.
   * @param onStep called with what the site is doing
   * @throws EvenkeelError if the run fails; what it wrote is in `directory` then
   * @throws InterruptedError if `signal` was raised
   */
  execute(
    spec: RunSpec,
    directory: string,
    onStep: (step: string) => void,
    signal: AbortSignal,
  ): Promise<SiteReport>;
}
