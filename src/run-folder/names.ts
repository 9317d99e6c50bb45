import { join } from 'node:path';

/**
 * What a run folder holds: everything that was recorded during one run of one method with one seed, as it
 * was recorded. The site writes it, analysis reads it. What an instrument or a workload records has its name
 * in that instrument's or workload's folder.
 */
export const runFiles = {
  /** What was run (run-folder/manifest.ts). Written last: a folder without it holds no run. */
  manifest: 'run.json',
  /** What the agent on the emulated host knows and nobody else; part of the manifest later. */
  agentReport: 'agent.json',
  /** The host's kernel log. */
  kernelLog: 'kernel.log',
} as const;

/** Below the folder of a sweep: runs of other instruments, to compare with. */
export type Variant = string;

/**
 * Where a sweep keeps the artifacts of a run.
 * @param variant runs of the same methods and seeds for another purpose, e.g. without probes
 */
export function runFolderPath(
  sweepFolder: string,
  { method, seed }: { readonly method: { readonly id: string }; readonly seed: number },
  variant: Variant = '.',
): string {
  return join(sweepFolder, variant, method.id, `seed-${seed}`);
}

/** A run that is under way, and one that has failed, beside the folder that it was to have. */
export const partialSuffix = '.partial';
export const failedSuffix = '.failed';
