import type { HostAccess } from '../../../host/access.js';
import { interruptsOfNic } from '../../../host/nics.js';
import { type Method, outsourcesSockets } from '../../../methods/method.js';
import {
  allLinks,
  cpusOf,
  heavyLinks,
  type Link,
  prefixLength,
  type RtServerPlace,
  rtLink,
  type TestbedSize,
  type VmPort,
} from '../../../plan/topology.js';
import { EvenkeelError } from '../../../process/errors.js';

/** What of a job decides about the network. */
interface NetworkJob {
  readonly size: TestbedSize;
  readonly rtServer: RtServerPlace;
  readonly method: Method;
}

/**
 * Receive descriptors of a NIC for bulk traffic, the most that it can have. Where the windows of its
 * connections are larger than its ring, as those of the host's sockets are, the ring is always full, and the
 * NIC interrupts to say so, thousands of times a second: one with flow control would make the sender
 * wait instead.
 */
const bulkRing = 4096;

/** What joins a link's NIC with its VMs or servers on the host's side. */
type Junction = (link: Link) => string[];

/**
 * Sets up the links: client NICs into their namespaces, on the host's side what depends on where the
 * servers run and what sockets the VMs have, and each NIC's interrupts onto their CPU.
 */
export async function setUpNetwork(host: HostAccess, job: NetworkJob): Promise<void> {
  const { size, rtServer } = job;
  const byMac = await interfacesByMac(host);
  const rtNic = rtLink(size).hostNic;
  const vms = outsourcesSockets(job.method) ? macvlans : bridgeOf(tapOfVm);
  const rtServers = { vm: vms, host: ownAddresses, namespace: bridgeOf(vethOfNamespace) };
  const commands = [];
  for (const link of allLinks(size)) {
    const junction: Junction = link.hostNic === rtNic ? rtServers[rtServer] : vms;
    commands.push(
      `link set ${interfaceOf(byMac, link.hostMac)} name ${link.hostNic}`,
      `link set ${interfaceOf(byMac, link.clientMac)} name ${link.clientNic}`,
      `netns add ${link.namespace}`,
      ...junction(link),
      `link set ${link.clientNic} up`,
    );
  }
  // While they are down: the driver takes a NIC that is up from the link for seconds.
  for (const { hostMac } of heavyLinks(size)) {
    await host.run(['ethtool', '-G', interfaceOf(byMac, hostMac), 'rx', `${bulkRing}`]);
  }
  for (const command of commands) await host.run(['ip', ...command.split(' ')]);
  if (rtServer === 'namespace') await giveVethsNapi(host, rtLink(size));
  await placeInterrupts(host, size);
  for (const link of allLinks(size)) await moveClientOutside(host, link);
}

/*
 * The junctions: arguments of ip(8), a line for each call.
 */

function ownAddresses({ hostNic, guests }: Link): string[] {
  return [
    `link set ${hostNic} up`,
    ...guests.map(({ address }) => `addr add ${address}/${prefixLength} dev ${hostNic}`),
  ];
}

function macvlans({ hostNic, guests }: Link): string[] {
  return [
    `link set ${hostNic} up`,
    ...guests.flatMap((port) => [
      `netns add ${port.name}`,
      `link add link ${hostNic} name ${port.inside} netns ${port.name} address ${port.mac} type macvlan mode bridge`,
      ...insideNamespace(port),
    ]),
  ];
}

function bridgeOf(port: (guest: VmPort, bridge: string) => string[]): Junction {
  return ({ hostNic, bridge, guests }) => [
    `link add ${bridge} type bridge`,
    `link set ${bridge} up`,
    `link set ${hostNic} master ${bridge} up`,
    ...guests.flatMap((guest) => port(guest, bridge)),
  ];
}

function tapOfVm({ tap }: VmPort, bridge: string): string[] {
  return [`tuntap add ${tap} mode tap vnet_hdr`, `link set ${tap} master ${bridge} up`];
}

function vethOfNamespace(port: VmPort, bridge: string): string[] {
  return [
    `netns add ${port.name}`,
    `link add ${port.veth} type veth peer name ${port.inside} netns ${port.name}`,
    `link set ${port.veth} master ${bridge} up`,
    ...insideNamespace(port),
  ];
}

function insideNamespace({ name, inside, address }: VmPort): string[] {
  return [
    `-n ${name} addr add ${address}/${prefixLength} dev ${inside}`,
    `-n ${name} link set ${inside} up`,
    `-n ${name} link set lo up`,
  ];
}

/**
 * With GRO, each end of a veth pair has a NAPI instance of its own; without, both share the backlog of
 * their CPU with everything else, which no method could keep RT packets out of.
 */
async function giveVethsNapi(host: HostAccess, { guests }: Link): Promise<void> {
  for (const { name, veth, inside } of guests) {
    await host.run(['ethtool', '-K', veth, 'gro', 'on']);
    await host.run(['ip', 'netns', 'exec', name, 'ethtool', '-K', inside, 'gro', 'on']);
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

async function moveClientOutside(host: HostAccess, link: Link): Promise<void> {
  const { namespace, clientNic, clientAddress } = link;
  await host.run(['ip', 'link', 'set', clientNic, 'netns', namespace]);
  await host.run(['ip', '-n', namespace, 'link', 'set', 'lo', 'up']);
  await host.run(['ip', '-n', namespace, 'link', 'set', clientNic, 'up']);
  const address = `${clientAddress}/${prefixLength}`;
  await host.run(['ip', '-n', namespace, 'addr', 'add', address, 'dev', clientNic]);
}

/** What runs the command that follows as a client does: in a link's namespace, on the outside CPU. */
export function onOutside(namespace: string, cpu: number): string[] {
  return ['ip', 'netns', 'exec', namespace, 'taskset', '--cpu-list', `${cpu}`];
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
