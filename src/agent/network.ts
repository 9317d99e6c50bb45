import { EvenkeelError } from '../errors.js';
import type { HostAccess } from '../host/access.js';
import { interruptsOfNic } from '../host/nics.js';
import {
  allLinks,
  cpusOf,
  type Link,
  prefixLength,
  type TestbedSize,
} from '../testbed/topology.js';
import { call } from './commands.js';

/**
 * Sets up the links: client NICs into their namespaces, host NICs and taps into their bridges, and
 * each NIC's interrupts onto their CPU.
 */
export async function setUpNetwork(host: HostAccess, size: TestbedSize): Promise<void> {
  const byMac = await interfacesByMac(host);
  const commands = [];
  for (const link of allLinks(size)) {
    commands.push(
      `link set ${interfaceOf(byMac, link.hostMac)} name ${link.hostNic}`,
      `link set ${interfaceOf(byMac, link.clientMac)} name ${link.clientNic}`,
      `netns add ${link.namespace}`,
      `link add ${link.bridge} type bridge`,
      `link set ${link.bridge} up`,
      `link set ${link.hostNic} master ${link.bridge} up`,
      ...link.guests.flatMap(({ tap }) => [
        `tuntap add ${tap} mode tap vnet_hdr`,
        `link set ${tap} master ${link.bridge} up`,
      ]),
      `link set ${link.clientNic} up`,
    );
  }
  for (const command of commands) await call('ip', ...command.split(' '));
  await placeInterrupts(host, size);
  for (const link of allLinks(size)) await moveClientOutside(link);
}

/**
 * The NICs have one receive queue each, so the CPU of a NIC's interrupt is the CPU that polls it. The
 * RT NIC gets the last CPU of the host, Heavy Receiver 0 the same one, the next one the CPU before:
 * RT and bulk traffic meet, as they do on the paper's multi-queue NICs, which interrupt all CPUs.
 */
async function placeInterrupts(host: HostAccess, size: TestbedSize): Promise<void> {
  const cpus = cpusOf(size);
  for (const [index, link] of allLinks(size).entries()) {
    const fromLast = Math.max(0, index - 1) % cpus.host.length;
    const hostCpu = cpus.host.at(-1 - fromLast);
    for (const irq of await interruptsOfNic(host, link.hostNic)) {
      await host.writeFile(`/proc/irq/${irq}/smp_affinity_list`, `${hostCpu}`);
    }
    for (const irq of await interruptsOfNic(host, link.clientNic)) {
      await host.writeFile(`/proc/irq/${irq}/smp_affinity_list`, `${cpus.outside}`);
    }
  }
}

async function moveClientOutside(link: Link): Promise<void> {
  const { namespace, clientNic, clientAddress } = link;
  await call('ip', 'link', 'set', clientNic, 'netns', namespace);
  await call('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
  await call('ip', '-n', namespace, 'link', 'set', clientNic, 'up');
  const address = `${clientAddress}/${prefixLength}`;
  await call('ip', '-n', namespace, 'addr', 'add', address, 'dev', clientNic);
}

async function interfacesByMac(host: HostAccess): Promise<Map<string, string>> {
  const byMac = new Map<string, string>();
  for (const name of await host.list('/sys/class/net')) {
    byMac.set((await host.readFile(`/sys/class/net/${name}/address`)).trim(), name);
  }
  return byMac;
}

function interfaceOf(byMac: ReadonlyMap<string, string>, mac: string): string {
  const name = byMac.get(mac);
  if (name === undefined) throw new EvenkeelError(`the emulated host has no NIC ${mac}`);
  return name;
}
