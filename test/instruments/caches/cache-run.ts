import type { ThreadCounts } from '../../../src/instruments/caches/counts.js';
import { paperCaches } from '../../../src/instruments/caches/geometry.js';
import type {
  ArtifactFile,
  CacheArtifacts,
  RunManifest,
} from '../../../src/run-folder/artifacts.js';

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

/** What a run of 2 s leaves in which a Heavy Receiver received `heavyBytes`. */
export function cacheArtifacts(
  counts: readonly ThreadCounts[],
  { seed = 1, heavyBytes = 4000, threads = [] as [tid: number, threadClass: string][] } = {},
): CacheArtifacts {
  const method = { id: 'm', title: 'M', settingsSha256: '' };
  const manifest = { method, kernel: '7.3-rt', seed, caches: paperCaches };
  const series = [0n, 2_000_000_000n].map((ns) => ({
    tNs: `${1_000_000_000n + ns}`,
    bytesAcked: `${ns === 0n ? 0 : heavyBytes}`,
  }));
  return {
    manifest: manifest as RunManifest,
    window: { startNs: 1_000_000_000n, endNs: 3_000_000_000n },
    counts: lines('caches.jsonl', counts),
    threads: threads.map(([tid, threadClass]) => ({
      ...{ tid, pid: 1, comm: 'c', class: threadClass, runNs: 0n },
    })),
    heavySeries: [lines('heavy-0.jsonl', series)],
  };
}

function lines(path: string, documents: readonly unknown[]): ArtifactFile {
  return {
    path,
    bytes: Buffer.from(documents.map((one) => `${JSON.stringify(one)}\n`).join('')),
  };
}
