import { analyzeCaches, type CacheRun } from '../../../src/instruments/caches/analyze.js';
import { cacheFiles } from '../../../src/instruments/caches/artifacts.js';
import type { ThreadCounts } from '../../../src/instruments/caches/counts.js';
import { paperCaches } from '../../../src/instruments/caches/geometry.js';
import { threadFiles } from '../../../src/instruments/cpu/artifacts.js';
import type { RunFolder } from '../../../src/run-folder/run-folder.js';
import { ackedSeriesFile } from '../../../src/workloads/bulk-tcp/load.js';
import { runFolderWith } from '../../synthetic-run.js';

export const noWork: ThreadCounts = {
  thread: 0,
  context: 'thread',
  inGuest: false,
  instructions: 0,
  bytesLoaded: 0,
  bytesStored: 0,
  references: 0,
  misses: 0,
};

interface CacheRunParts {
  readonly heavyBytes?: number;
  readonly threads?: readonly (readonly [tid: number, threadClass: string])[];
}

/** What is computed from a run of 2 s in which a Heavy Receiver received `heavyBytes`. */
export async function cacheRun(
  counts: readonly ThreadCounts[],
  parts: CacheRunParts = {},
): Promise<CacheRun> {
  return analyzeCaches(await cacheRunFolder(counts, parts));
}

export function cacheRunFolder(
  counts: readonly ThreadCounts[],
  { heavyBytes = 4000, threads = [] }: CacheRunParts = {},
  instruments = [{ name: 'caches', caches: paperCaches }],
): Promise<RunFolder> {
  const series = [0n, 2_000_000_000n].map((ns) => ({
    tNs: `${1_000_000_000n + ns}`,
    bytesAcked: `${ns === 0n ? 0 : heavyBytes}`,
  }));
  const files = {
    [cacheFiles.window]: JSON.stringify({ startNs: '1000000000', endNs: '3000000000' }),
    [cacheFiles.counts]: lines(counts),
    [threadFiles.before]: JSON.stringify(
      threads.map(([tid, threadClass]) => ({
        ...{ tid, pid: 1, comm: 'c', class: threadClass, runNs: '0' },
      })),
    ),
    [ackedSeriesFile(0)]: lines(series),
  };
  return runFolderWith(files, { spec: { instruments }, conditions: { heavyVms: 1 } });
}

function lines(documents: readonly unknown[]): string {
  return documents.map((one) => `${JSON.stringify(one)}\n`).join('');
}
