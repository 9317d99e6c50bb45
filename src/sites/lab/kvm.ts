import { open, readFile } from 'node:fs/promises';
import { EvenkeelError } from '../../process/errors.js';

/** What this machine offers to run the emulated host in KVM. */
export type KvmSupport = 'nested' | 'not nested' | 'no access' | 'none';

/** Looks whether /dev/kvm can be opened: the file alone says nothing. */
export async function findKvm(): Promise<KvmSupport> {
  try {
    await (await open('/dev/kvm', 'r+')).close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? 'no access' : 'none';
  }
  for (const module of ['kvm_intel', 'kvm_amd']) {
    const nested = await readFile(`/sys/module/${module}/parameters/nested`, 'utf8').catch(
      () => '',
    );
    if (/^[Y1]/.test(nested)) return 'nested';
  }
  return 'not nested';
}

/** @throws EvenkeelError unless `support` is enough for --accel kvm; it says what to do */
export function requireNestedKvm(support: KvmSupport): void {
  if (support === 'nested') return;
  const [why, fix] = {
    none: [
      'this machine has no KVM that works',
      'Switch virtualization on in the firmware, or for a VM in its host, and load kvm_intel or kvm_amd.',
    ],
    'no access': [
      'this user may not open /dev/kvm',
      'Join its group (adduser USER kvm, then log in again), or run this as root.',
    ],
    'not nested': [
      'KVM on this machine does not nest',
      'Load kvm_intel or kvm_amd with nested=1; in a VM, its host has to allow that.',
    ],
  }[support] as [string, string];
  throw new EvenkeelError(`--accel kvm: ${why}`, {
    hints: [fix, 'Or leave --accel out: the lab then emulates its host, which needs no KVM.'],
  });
}
