/**
 * Who is connected to whom in the experiment (the paper's Figures 1 and 5), as names and addresses
 * that the emulator's command line and the agent on the emulated host agree on.
 *
 * Link 0 is the RT network, link 1 + i the network of Heavy Receiver i. Each link joins a NIC of the
 * host and a NIC of the client side, which lives in a network namespace on the "outside" CPU. On the
 * host's side a bridge joins the NIC with the taps of the link's VMs. A VM whose sockets the host performs
 * has a network namespace with a macvlan interface of the NIC instead. Where the Critical RT servers are
 * processes of the host, the RT NIC has their addresses itself, or the bridge joins it with veth pairs
 * into their network namespaces.
 */

/** Where the Critical RT servers run: in VMs, or as processes of the host, with its network or one of their own. */
export const rtServerPlaces = ['vm', 'host', 'namespace'] as const;
export type RtServerPlace = (typeof rtServerPlaces)[number];

export interface TestbedSize {
  /** CPUs of the emulated host that run VMs; one more CPU is the outside. */
  readonly hostCpus: number;
  readonly rtVms: number;
  readonly heavyVms: number;
}

export interface Link {
  readonly hostNic: string;
  readonly hostMac: string;
  readonly clientNic: string;
  readonly clientMac: string;
  /** Network namespace of the client side. */
  readonly namespace: string;
  readonly bridge: string;
  readonly clientAddress: string;
  readonly guests: readonly VmPort[];
}

/** Where a VM, or a server in a network namespace, meets its link. */
export interface VmPort {
  /** Name of the VM or of the namespace, e.g. `rt0`. */
  readonly name: string;
  readonly tap: string;
  /** What a namespace has instead of a tap: the bridge's end of its veth pair, and its own interface. */
  readonly veth: string;
  readonly inside: string;
  readonly mac: string;
  readonly address: string;
}

/** The vCPU of an RT VM that runs the Critical RT server; vCPU 0 does the guest's housekeeping. */
export const rtVcpu = 1;

/** Every network is a /16; clients and VMs differ in the last byte. */
export const prefixLength = 16;

/** Their addresses and MACs differ in one byte. */
export const maxRtVms = 200;
/** Each takes two of the 32 slots of the emulated machine's PCI bus. */
export const maxHeavyVms = 8;

/** CPU numbers on the emulated machine: the host's come first, the outside is the last. */
export function cpusOf({ hostCpus }: TestbedSize): { host: number[]; outside: number } {
  return { host: Array.from({ length: hostCpus }, (_, cpu) => cpu), outside: hostCpus };
}

/** The RT network, with the ports of the RT VMs. */
export function rtLink({ rtVms }: TestbedSize): Link {
  return link(0, 'rt', rtVms);
}

/** The interfaces of the host that RT packets pass by NAPI. */
export function rtInterfaces(size: TestbedSize, rtServer: RtServerPlace): string[] {
  const { hostNic, guests } = rtLink(size);
  const veths = guests.flatMap(({ veth, inside }) => [veth, inside]);
  return rtServer === 'namespace' ? [hostNic, ...veths] : [hostNic];
}

/** The networks of the Heavy Receivers, in their order. */
export function heavyLinks({ heavyVms }: TestbedSize): Link[] {
  return Array.from({ length: heavyVms }, (_, index) => link(1 + index, `heavy${index}`, 1));
}

/** The RT network, then those of the Heavy Receivers: the number of a link is its index. */
export function allLinks(size: TestbedSize): Link[] {
  return [rtLink(size), ...heavyLinks(size)];
}

function link(number: number, name: string, vms: number): Link {
  return {
    hostNic: `${name}nic`,
    hostMac: mac(0, number),
    clientNic: `${name}client`,
    clientMac: mac(1, number),
    namespace: `client-${name}`,
    bridge: `br-${name}`,
    clientAddress: `10.${number}.0.1`,
    guests: Array.from({ length: vms }, (_, index) => {
      const guest = number === 0 ? `rt${index}` : name;
      return {
        name: guest,
        tap: `tap-${guest}`,
        veth: `veth-${guest}`,
        inside: `eth-${guest}`,
        mac: mac(2 + index, number),
        address: `10.${number}.0.${2 + index}`,
      };
    }),
  };
}

function mac(port: number, number: number): string {
  const hex = (value: number) => value.toString(16).padStart(2, '0');
  return `52:54:00:ec:${hex(number)}:${hex(port)}`;
}
