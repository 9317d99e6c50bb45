import { EvenkeelError } from '../errors.js';
import type { HostAccess } from '../host/access.js';
import { interruptsOfNic } from '../host/nics.js';
import {
  allLinks,
  cpusOf,
  type GuestPort,
  type Link,
  prefixLength,
  type RtServerPlace,
  rtLink,
  type TestbedSize,
} from '../testbed/topology.js';
import { call } from './commands.js';

/**
 * Sets up the links: client NICs into their namespaces, host NICs and taps into their bridges (what the
 * RT NIC gets depends on where its servers run), and each NIC's interrupts onto their CPU.
 */
export async function setUpNetwork(
  host: HostAccess,
  size: TestbedSize,
  rtServer: RtServerPlace,
): Promise<void> {
  const byMac = await interfacesByMac(host);
  const rtNic = rtLink(size).hostNic;
  const commands = [];
  for (const link of allLinks(size)) {
    commands.push(
      `link set ${interfaceOf(byMac, link.hostMac)} name ${link.hostNic}`,
      `link set ${interfaceOf(byMac, link.clientMac)} name ${link.clientNic}`,
      `netns add ${link.namespace}`,
      ...hostSide(link, link.hostNic === rtNic ? rtServer : 'vm'),
      `link set ${link.clientNic} up`,
    );
  }
  for (const command of commands) await call('ip', ...command.split(' '));
  if (rtServer === 'namespace') await giveVethsNapi(rtLink(size));
  await placeInterrupts(host, size);
  for (const link of allLinks(size)) await moveClientOutside(link);
}

/** Arguments of ip(8), a line for each call. */
function hostSide({ hostNic, bridge, guests }: Link, servers: RtServerPlace): string[] {
  if (servers === 'host') {
    return [
      `link set ${hostNic} up`,
      ...guests.map(({ address }) => `addr add ${address}/${prefixLength} dev ${hostNic}`),
    ];
  }
  const port = servers === 'vm' ? tapOfVm : vethOfNamespace;
  return [
    `link add ${bridge} type bridge`,
    `link set ${bridge} up`,
    `link set ${hostNic} master ${bridge} up`,
    ...guests.flatMap((guest) => port(guest, bridge)),
  ];
}

function tapOfVm({ tap }: GuestPort, bridge: string): string[] {
  return [`tuntap add ${tap} mode tap vnet_hdr`, `link set ${tap} master ${bridge} up`];
}

function vethOfNamespace({ name, veth, vethInside, address }: GuestPort, bridge: string): string[] {
  return [
    `netns add ${name}`,
    `link add ${veth} type veth peer name ${vethInside} netns ${name}`,
    `link set ${veth} master ${bridge} up`,
    `-n ${name} addr add ${address}/${prefixLength} dev ${vethInside}`,
    `-n ${name} link set ${vethInside} up`,
  ];
}

/**
 * With GRO, each end of a veth pair has a NAPI instance of its own; without, both share the backlog of
 * their CPU with everything else, which no method could keep RT packets out of.
 */
async function giveVethsNapi({ guests }: Link): Promise<void> {
  for (const { name, veth, vethInside } of guests) {
    await call('ethtool', '-K', veth, 'gro', 'on');
    await call('ip', 'netns', 'exec', name, 'ethtool', '-K', vethInside, 'gro', 'on');
  }
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
