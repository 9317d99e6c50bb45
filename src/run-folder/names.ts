/**
 * What a run directory holds: everything that was recorded during one run of one method with one
 * seed, as it was recorded. Collecting writes it, analysis reads it. The agent on the emulated host uses
 * these names too, so this file imports nothing.
 */
export const artifactNames = {
  /** What was run, `runManifestSchema`. */
  manifest: 'run.json',
  /** Frames at the wire of the RT network. */
  rtCapture: 'rt.pcap',
  /** Bytes that the sender of Heavy Receiver `vm` has acknowledged, a JSON document per line. */
  heavySeries: (vm: number) => `heavy-${vm}.jsonl`,
  /** The host's /proc/stat at the start and at the end of the window. */
  procStatBefore: 'proc-stat.before',
  procStatAfter: 'proc-stat.after',
  /** CPU time of the host's threads at the start and at the end of the window. */
  threadsBefore: 'threads.before.json',
  threadsAfter: 'threads.after.json',
  /** The host's kernel log. */
  kernelLog: 'kernel.log',
  /** Output of the program that ran on the host beside the load, if there was one. */
  hostScriptLog: 'host-script.log',
  /** A trace of the host, by lab/host-scripts/trace-inversions.sh. */
  trace: 'trace.txt',
  /** What the probes were, and how to read the clocks: `probesSchema`. */
  probes: 'probes.json',
  /** What they recorded (kernel/probe/buffer.c). */
  hostProbes: 'probes-host.bin',
  guestProbes: 'probes-guest.bin',
  /** What the model of the caches counted, a JSON document per line, and in which window. */
  cacheCounts: 'caches.jsonl',
  cacheWindow: 'caches.json',
} as const;
