import type { BackgroundProgram, OutputFiles } from './background-program.js';

/** The policies that a setting may ask for. */
export const schedulingPolicies = ['fifo', 'rr', 'other'] as const;
export type SchedulingPolicy = (typeof schedulingPolicies)[number];

/** Those that a thread can be given back besides, where it had them before. */
export type RestorablePolicy = SchedulingPolicy | 'batch' | 'idle';

/** A thread's policy and priority; `priority` is 0 for all policies but FIFO and round robin. */
export interface Scheduling {
  readonly policy: RestorablePolicy | 'deadline' | 'ext';
  readonly priority: number;
}

/**
 * Everything that Evenkeel does to a host that runs VMs goes through this interface, whether the host
 * is the lab's emulated one or a real machine. Paths are absolute and of that host; errors carry the
 * path, the thread or the command.
 */
export interface HostAccess {
  /** @throws EvenkeelError if there is no such file or it cannot be read */
  readFile(path: string): Promise<string>;
  /** As `readFile`, for what is no text. */
  readBytes(path: string): Promise<Uint8Array>;
  /**
   * Writes one value to a file of /proc, /sys or /dev, in a single write.
   * @param opened path of a file whose descriptor is meant: its number follows the value
   * @throws EvenkeelError if there is no such file
   */
  writeFile(path: string, value: string, opened?: string): Promise<void>;
  /**
   * Creates a file, with the folders above it, or replaces what it has.
   * @param mode permissions of a new file
   */
  createFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Names in a folder; an empty list if the folder does not exist. */
  list(path: string): Promise<string[]>;
  setScheduling(
    tid: number,
    scheduling: { policy: RestorablePolicy; priority: number },
  ): Promise<void>;
  setAffinity(tid: number, cpus: readonly number[]): Promise<void>;
  /** Loads a kernel module, which must be installed; nothing happens if it is loaded. */
  loadModule(name: string): Promise<void>;
  /** Unloads a kernel module; nothing happens if it is not loaded. @throws EvenkeelError if it is in use */
  unloadModule(name: string): Promise<void>;
  /**
   * Runs a program to its end, which has to come within two minutes.
   * @param command program and arguments; no shell interprets them
   * @returns its stdout
   * @throws EvenkeelError with its stderr if it fails
   */
  run(command: readonly string[]): Promise<string>;
  /** Starts a program that runs on. @throws EvenkeelError if it cannot be started */
  start(command: readonly string[], files: OutputFiles): Promise<BackgroundProgram>;
}
