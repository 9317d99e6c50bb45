import { EvenkeelError } from '../process/errors.js';
import type { Clock, Load } from '../results/schema.js';
import type { KernelId } from '../sites/lab/images/kernel.js';
import { maxHeavyVms, maxRtVms, type RtServerPlace, type TestbedSize } from './topology.js';

/** How the emulated machine runs: one clock each, whose figures are never mixed. */
export type ClockMode = 'instructions' | 'wall' | 'kvm';

/** Debian 13's kernel, the newest one of its backports, or that one with the kernel's own checks. */
export const kernelSeries = ['stable', 'backports', 'debug'] as const;
export type KernelSeries = (typeof kernelSeries)[number];

/** What the guests may have besides: Debian 12's kernel. */
export const guestKernelSeries = ['oldstable', ...kernelSeries] as const;
export type GuestKernelSeries = (typeof guestKernelSeries)[number];

/** The guests' kernel where none is asked for. The checks of the debug kernel are for the host's work. */
export function defaultGuestKernel<Series extends string>(kernels: Series): Series | 'backports' {
  return kernels === 'debug' ? 'backports' : kernels;
}

/** All that decides what a run does, but for its method and its seed. */
export interface TestbedOptions {
  readonly size: TestbedSize;
  readonly rtServer: RtServerPlace;
  readonly hostMemoryMiB: number;
  readonly guestMemoryMiB: number;
  readonly kernels: KernelSeries;
  readonly guestKernel: GuestKernelSeries;
  readonly clock: ClockMode;
  readonly load: Load;
}

/**
 * Two CPUs as in the paper, and its intervals between requests (section IV-A). 1000 requests are the
 * fewest that leave ten samples above the 99th percentile.
 */
export const defaultOptions: TestbedOptions = {
  size: { hostCpus: 2, rtVms: 1, heavyVms: 1 },
  rtServer: 'vm',
  hostMemoryMiB: 4096,
  guestMemoryMiB: 128,
  kernels: 'backports',
  guestKernel: 'backports',
  clock: 'instructions',
  load: {
    requests: 1000,
    minIntervalUs: 1000,
    maxIntervalUs: 10_000,
    requestBytes: 64,
  },
};

/** The paper ran each method for 30 s (section IV-B). */
const paperDurationUs = 30_000_000;

/** As many requests as take the paper's 30 s on average. */
export function paperRequests({ minIntervalUs, maxIntervalUs }: Load): number {
  return Math.round(paperDurationUs / ((minIntervalUs + maxIntervalUs) / 2));
}

/** With `-icount shift=1`, an instruction takes 2 ns of virtual time. */
export const icountShift = 1;

/** The clock of a result. The emulator's CPUs, the outside's among them, share the instructions. */
export function resultClock(mode: ClockMode, size: TestbedSize): Clock {
  switch (mode) {
    case 'instructions':
      return { kind: 'instructions', nsPerInstruction: 2 ** icountShift * (size.hostCpus + 1) };
    case 'wall':
      return { kind: 'wall-emulated', nsPerInstruction: null };
    case 'kvm':
      return { kind: 'hardware', nsPerInstruction: null };
  }
}

/** The kernel of that flavour in a series. */
export function kernelId(series: KernelSeries, flavour: 'rt' | 'non-rt'): KernelId {
  return flavour === 'rt' ? `${series}-rt` : series;
}

const minGuestMemoryMiB = 96;
const maxHostMemoryMiB = 65_536;

/** The host itself needs about 700 MiB (its page tables, QEMU, Node), each VM 48 besides its memory. */
function neededHostMemoryMiB(guests: number, guestMemoryMiB: number): number {
  return 700 + guests * (guestMemoryMiB + 48);
}

/** @throws EvenkeelError that says which option is out of its bounds, and what they are */
export function checkOptions({
  size,
  rtServer,
  hostMemoryMiB,
  guestMemoryMiB,
  load,
}: TestbedOptions): void {
  const bounds: [option: string, value: number, min: number, max: number][] = [
    ['--host-cpus', size.hostCpus, 1, 16],
    ['--rt-vms', size.rtVms, 1, maxRtVms],
    ['--heavy-vms', size.heavyVms, 0, maxHeavyVms],
    // The least is what the smallest testbed, a single RT VM, needs.
    ['--host-memory', hostMemoryMiB, neededHostMemoryMiB(1, minGuestMemoryMiB), maxHostMemoryMiB],
    ['--guest-memory', guestMemoryMiB, minGuestMemoryMiB, 4096],
    ['--requests', load.requests, 1, 1_000_000],
  ];
  for (const [option, value, min, max] of bounds) {
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new EvenkeelError(
        `${option}: expected a whole number from ${min} to ${max}, got ${value}`,
      );
    }
  }
  const guests = (rtServer === 'vm' ? size.rtVms : 0) + size.heavyVms;
  const neededMiB = neededHostMemoryMiB(guests, guestMemoryMiB);
  if (hostMemoryMiB < neededMiB) {
    const hint =
      neededMiB > maxHostMemoryMiB
        ? 'Run fewer VMs, or give them less with --guest-memory.'
        : `Give it more with --host-memory ${neededMiB}.`;
    throw new EvenkeelError(
      `${guests} VMs of ${guestMemoryMiB} MiB need a host with ${neededMiB} MiB, it has ${hostMemoryMiB}`,
      { hints: [hint] },
    );
  }
}
