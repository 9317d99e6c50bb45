import type { Clock } from '../../../src/plan/clock.ts';
import { formatNanoseconds } from '../format.ts';

/** Which clock the figures were measured on, and what that makes of them. */
export function describeClock({ kind, nsPerInstruction }: Clock): string {
  switch (kind) {
    case 'instructions': {
      const rate =
        nsPerInstruction === null
          ? ''
          : ` at ${formatNanoseconds(nsPerInstruction)} per instruction of a host CPU`;
      return `instruction clock${rate}: an emulated machine in virtual time, repeatable to the byte, not the speed of any hardware`;
    }
    case 'wall-emulated':
      return 'wall clock of an emulated machine: the noise of the emulator is part of every figure';
    case 'nested':
      return 'wall clock of a host that is a VM itself (nested KVM): not the speed of its hardware';
    case 'hardware':
      return 'wall clock of real hardware';
  }
}
