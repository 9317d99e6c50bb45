import { z } from 'zod';
import { EvenkeelError } from '../process/errors.js';
import { clockModes } from './clock.js';
import { maxHeavyVms, maxRtVms, rtServerPlaces } from './topology.js';

/** Debian 13's kernel, the newest one of its backports, or that one with the kernel's own checks. */
export const kernelSeries = ['stable', 'backports', 'debug'] as const;
export type KernelSeries = (typeof kernelSeries)[number];

/** What the guests may have besides: Debian 12's kernel, and the PREEMPT_RT variants of Debian 13's. */
export const guestKernelSeries = [
  'oldstable',
  ...kernelSeries,
  'stable-rt',
  'backports-rt',
] as const;
export type GuestKernelSeries = (typeof guestKernelSeries)[number];

/** The guests' kernel where none is asked for. The checks of the debug kernel are for the host's work. */
export function defaultGuestKernel<Series extends string>(kernels: Series): Series | 'backports' {
  return kernels === 'debug' ? 'backports' : kernels;
}

const count = z.int().nonnegative();

/** Safe in a command line, of which it becomes a part. */
export const seriesNameSchema = z.string().regex(/^[A-Za-z0-9][\w.+-]{0,63}$/);

/** All that decides about a run besides its method, its workload, its instruments and its seed. */
export const conditionsSchema = z.strictObject({
  /** CPUs of the host that run VMs; one more CPU, which is no part of the host, runs the clients. */
  hostCpus: count,
  /** Critical RT servers. */
  rtVms: count,
  heavyVms: count,
  /** Where the Critical RT servers run. */
  rtServer: z.enum(rtServerPlaces),
  hostMemoryMiB: count,
  guestMemoryMiB: count,
  /** Kernels of the host and of the guests: the name of a series that the site has. */
  kernels: seriesNameSchema,
  guestKernel: seriesNameSchema,
  clock: z.enum(clockModes),
  /** A CPU of the host that runs a busy loop of normal priority all the time. */
  busyCpu: count.optional(),
});
export type Conditions = Readonly<z.infer<typeof conditionsSchema>>;

/** Two CPUs as in the paper (section IV-A). */
export const defaultConditions = {
  hostCpus: 2,
  rtVms: 1,
  heavyVms: 1,
  rtServer: 'vm',
  hostMemoryMiB: 4096,
  guestMemoryMiB: 128,
  kernels: 'backports',
  guestKernel: 'backports',
  clock: 'instructions',
} as const satisfies Conditions;

const minGuestMemoryMiB = 96;
const maxHostMemoryMiB = 65_536;

/** The host itself needs about 700 MiB (its page tables, QEMU, Node), each VM 48 besides its memory. */
function neededHostMemoryMiB(guests: number, guestMemoryMiB: number): number {
  return 700 + guests * (guestMemoryMiB + 48);
}

/** @throws EvenkeelError that says which option is out of its bounds, and what they are */
export function checkConditions(conditions: Conditions): void {
  const { hostCpus, rtVms, heavyVms, rtServer, hostMemoryMiB, guestMemoryMiB } = conditions;
  const bounds: [option: string, value: number, min: number, max: number][] = [
    ['--host-cpus', hostCpus, 1, 16],
    ['--rt-vms', rtVms, 1, maxRtVms],
    ['--heavy-vms', heavyVms, 0, maxHeavyVms],
    // The least is what the smallest testbed, a single RT VM, needs.
    ['--host-memory', hostMemoryMiB, neededHostMemoryMiB(1, minGuestMemoryMiB), maxHostMemoryMiB],
    ['--guest-memory', guestMemoryMiB, minGuestMemoryMiB, 4096],
  ];
  for (const [option, value, min, max] of bounds) {
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new EvenkeelError(
        `${option}: expected a whole number from ${min} to ${max}, got ${value}`,
      );
    }
  }
  const guests = (rtServer === 'vm' ? rtVms : 0) + heavyVms;
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
