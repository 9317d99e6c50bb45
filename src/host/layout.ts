/** What runs on a host and where: what a setting needs to know to find its targets. */
export interface HostLayout {
  /** CPUs of the host that run VMs. The exclusive method reserves the last one. */
  readonly cpus: readonly number[];
  /** Interface names of the NICs on the RT network. */
  readonly rtNics: readonly string[];
  readonly rtVms: readonly RtVm[];
  /** Critical RT servers that are processes of the host. */
  readonly rtServers: readonly Process[];
  readonly heavyVms: readonly Vm[];
}

export interface Process {
  readonly pid: number;
}

/** The process is its VMM. */
export interface Vm extends Process {
  readonly name?: string;
  /** Path of the network namespace for its sockets, where the host performs them; the host's own if undefined. */
  readonly netns?: string;
}

export interface RtVm extends Vm {
  /** Numbers of the vCPUs that run the Critical RT server; the others do the housekeeping. */
  readonly rtVcpus: readonly number[];
  /**
   * Numbers of the vCPUs that its kernel can be told to leave to the Critical RT server. There are none
   * where users run programs of their own, which need all vCPUs.
   */
  readonly isolatedVcpus?: readonly number[];
}
