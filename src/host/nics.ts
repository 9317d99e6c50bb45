import type { HostAccess } from './access.js';
import { numeric } from './proc.js';

/** Numbers of the interrupts of a PCI NIC; none if it has no MSI vectors or does not exist. */
export async function interruptsOfNic(host: HostAccess, nic: string): Promise<number[]> {
  return (await host.list(`/sys/class/net/${nic}/device/msi_irqs`)).map(Number);
}

/** Those of them that announce packets: all, if they share an interrupt with what else a NIC has to say. */
export async function receiveInterruptsOfNic(host: HostAccess, nic: string): Promise<number[]> {
  const interrupts = await interruptsOfNic(host, nic);
  const receiving = [];
  for (const irq of interrupts) {
    // A handler has a folder of its name below /proc/irq.
    const names = await host.list(`/proc/irq/${irq}`);
    if (names.some((name) => /\brx\b/i.test(name))) receiving.push(irq);
  }
  return receiving.length > 0 ? receiving : interrupts;
}

/** Numbers of all interrupts of the host that can be given to a CPU. */
export async function allInterrupts(host: HostAccess): Promise<number[]> {
  return numeric(await host.list('/proc/irq'));
}
