/** A VM that is about to be started, as far as settings look at it. */
export interface NewVm {
  readonly network: 'rt' | 'heavy';
  /** As in the layout (layout.ts). */
  readonly isolatedVcpus: readonly number[];
}

/** What settings add to a VM's start. */
export interface VmStart {
  /** Options of QEMU's tap netdev, e.g. `poll-us=100`. */
  readonly netdevOptions?: readonly string[];
  /** Arguments of the guest's kernel. */
  readonly kernelArguments?: readonly string[];
}
