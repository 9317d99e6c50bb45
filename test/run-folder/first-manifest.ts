/** `run.json` as the first version of this program wrote it. */
export const firstManifest = {
  schema: 'evenkeel.run/1',
  method: { id: 'threaded', title: 'Threaded interrupts', settingsSha256: 'c'.repeat(64) },
  kernel: '6.12-rt',
  seed: 1,
  clock: { kind: 'instructions', nsPerInstruction: 2 },
  environment: {
    evenkeel: '0.1.0',
    hostCpus: 2,
    rtVms: 1,
    heavyVms: 2,
    rtServer: 'vm',
    kernels: 'backports',
    guestKernel: 'backports',
    hostMemoryMiB: 1024,
    guestMemoryMiB: 128,
    versions: { emulator: '10.0.2' },
    hashes: { 'host image': 'a'.repeat(64) },
  },
  load: { requests: 4, minIntervalUs: 100, maxIntervalUs: 1000, requestBytes: 16 },
  settings: [{ target: 'interrupt 9', wanted: '1', actual: '0-1', why: 'A reason.' }],
  hostCpuNumbers: [0, 1],
  window: { startNs: '1000000000', endNs: '2000000000' },
};

/** @param changes members that it has instead or besides */
export function firstManifestText(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...firstManifest, ...changes }, undefined, 2);
}
