import type { HostAccess } from './access.js';
import { numeric } from './proc.js';

/** Numbers of the interrupts of a PCI NIC; none if it has no MSI vectors or does not exist. */
export async function interruptsOfNic(host: HostAccess, nic: string): Promise<number[]> {
  return (await host.list(`/sys/class/net/${nic}/device/msi_irqs`)).map(Number);
}

/** Numbers of all interrupts of the host that can be given to a CPU. */
export async function allInterrupts(host: HostAccess): Promise<number[]> {
  return numeric(await host.list('/proc/irq'));
}
