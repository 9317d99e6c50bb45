import { z } from 'zod';

/**
 * The clocks that figures can be of. Figures of different clocks never share a table.
 *
 * - `instructions`: virtual time of an emulator, from the instructions that its CPUs execute; exact
 * - `wall`: the wall clock, of a multi-threaded emulation
 * - `kvm`: the wall clock, of a host that runs in KVM itself
 */
export const clockModes = ['instructions', 'wall', 'kvm'] as const;
export type ClockMode = (typeof clockModes)[number];

/** The clock of a result. `hardware` is a host that is no virtual machine. */
export const clockSchema = z.strictObject({
  kind: z.enum(['instructions', 'wall-emulated', 'nested', 'hardware']),
  /** Virtual nanoseconds that one instruction of one host CPU takes; null on other clocks. */
  nsPerInstruction: z.number().positive().nullable(),
});
export type Clock = z.infer<typeof clockSchema>;

/** With `-icount shift=1`, an instruction takes 2 ns of virtual time. */
export const icountShift = 1;

/**
 * The clock of a result. The emulator's CPUs, the outside's among them, share the instructions.
 * @param hostCpus CPUs of the emulated host that run VMs
 */
export function clockOf(mode: ClockMode, hostCpus: number): Clock {
  switch (mode) {
    case 'instructions':
      return { kind: 'instructions', nsPerInstruction: 2 ** icountShift * (hostCpus + 1) };
    case 'wall':
      return { kind: 'wall-emulated', nsPerInstruction: null };
    case 'kvm':
      return { kind: 'nested', nsPerInstruction: null };
  }
}
