/** The policies that a setting may ask for. */
export type SchedulingPolicy = 'fifo' | 'rr' | 'other';

/** A thread's policy and priority; `priority` is 0 for all policies but FIFO and round robin. */
export interface Scheduling {
  readonly policy: SchedulingPolicy | 'batch' | 'idle' | 'deadline' | 'ext';
  readonly priority: number;
}

/**
 * Everything that Evenkeel does to a host that runs VMs goes through this interface, whether the host
 * is the lab's emulated one or a real machine. Paths are absolute; errors carry the path or thread.
 */
export interface HostAccess {
  /** @throws EvenkeelError if there is no such file or it cannot be read */
  readFile(path: string): Promise<string>;
  /**
   * Writes one value to a file of /proc or /sys, in a single write.
   * @param netns path of the network namespace to do it in, for files that look at who writes
   */
  writeFile(path: string, value: string, netns?: string): Promise<void>;
  /** Names in a folder; an empty list if the folder does not exist. */
  list(path: string): Promise<string[]>;
  setScheduling(
    tid: number,
    scheduling: { policy: SchedulingPolicy; priority: number },
  ): Promise<void>;
  setAffinity(tid: number, cpus: readonly number[]): Promise<void>;
  /** Loads a kernel module, which must be installed; nothing happens if it is loaded. */
  loadModule(name: string): Promise<void>;
}
