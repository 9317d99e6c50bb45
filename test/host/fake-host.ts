import type { HostAccess, RestorablePolicy } from '../../src/host/access.js';
import type { OutputFiles } from '../../src/host/background-program.js';
import { formatCpuList } from '../../src/host/cpu-list.js';
import { EvenkeelError } from '../../src/process/errors.js';
import { FakeProgram } from './fake-program.js';

export interface FakeThread {
  readonly tid: number;
  /** The thread's own number if it is the first of its process. */
  readonly pid?: number;
  readonly comm: string;
  /** Numbers as in include/uapi/linux/sched.h. */
  policy?: number;
  priority?: number;
  cpus?: readonly number[];
  /** The kernel refuses to change its affinity. */
  readonly bound?: boolean;
}

const attachedVmsFile = '/proc/ek_host';
const attachDevice = '/dev/ek_host';
const policyNumbers = { other: 0, fifo: 1, rr: 2, batch: 3, idle: 5 } as const;
const PF_NO_SETAFFINITY = 0x04000000;
const PF_KTHREAD = 0x00200000;

/** A line of /proc/PID/stat, in which every field that nobody looks at holds its own number. */
export function threadStat({ tid, comm, policy = 0, priority = 0, bound = false }: FakeThread) {
  const fields = Array.from({ length: 50 }, (_, index) => `${index + 3}`);
  const set = (number: number, value: number) => {
    fields[number - 3] = `${value}`;
  };
  set(9, PF_KTHREAD | (bound ? PF_NO_SETAFFINITY : 0));
  set(40, priority);
  set(41, policy);
  return `${tid} (${comm}) ${['S', ...fields.slice(1)].join(' ')}\n`;
}

/**
 * A host that consists of files and threads. It records what it is told, and its /proc shows what it
 * was told, as long as it does not refuse to obey.
 */
export class FakeHost implements HostAccess {
  /** A path that ends with a slash is an empty folder. */
  readonly files = new Map<string, string>();
  readonly told: string[] = [];
  /** What these files show, whatever was written to them. */
  readonly shown = new Map<string, string>();
  /** Threads that silently stay as they are. */
  readonly stubborn = new Set<number>();
  /** What programs print, by their name. */
  readonly programs = new Map<string, (args: readonly string[]) => string>();
  /** Those that were started. */
  readonly started: FakeProgram[] = [];
  /** What becomes of a program that was started; it may also refuse to start, by an error. */
  onStart: (program: FakeProgram) => void = () => undefined;
  readonly #threads = new Map<number, FakeThread>();

  constructor(threads: readonly FakeThread[] = [], files: Readonly<Record<string, string>> = {}) {
    for (const thread of threads) this.#threads.set(thread.tid, { ...thread });
    for (const [path, content] of Object.entries(files)) this.files.set(path, content);
  }

  async readFile(path: string): Promise<string> {
    const [, tid, name] = /^\/proc\/(?:\d+\/task\/)?(\d+)\/(stat|status)$/.exec(path) ?? [];
    const thread = this.#threads.get(Number(tid));
    if (thread !== undefined) {
      if (name === 'stat') return threadStat(thread);
      return `Name:\t${thread.comm}\nCpus_allowed:\tff\nCpus_allowed_list:\t${formatCpuList(thread.cpus ?? [0])}\n`;
    }
    const content = this.shown.get(path) ?? this.files.get(path);
    if (content === undefined) throw failure(`cannot read ${path}`, 'ENOENT');
    return content;
  }

  async writeFile(path: string, value: string, opened?: string): Promise<void> {
    const changed = path === attachDevice ? attachedVmsFile : path;
    if (!this.files.has(changed)) throw failure(`cannot write "${value}" to ${path}`, 'ENOENT');
    this.told.push(`${path} = ${value}${opened === undefined ? '' : `<${opened}>`}`);
    this.files.set(changed, path === attachDevice ? this.#attach(value) : `${value}\n`);
  }

  async readBytes(path: string): Promise<Uint8Array> {
    return Buffer.from(await this.readFile(path));
  }

  async createFile(path: string, content: string | Uint8Array): Promise<void> {
    this.told.push(`create ${path}`);
    this.files.set(path, Buffer.from(content).toString());
  }

  async list(path: string): Promise<string[]> {
    const paths = [
      ...this.files.keys(),
      ...[...this.#threads.values()].map(({ tid, pid = tid }) => `/proc/${pid}/task/${tid}/stat`),
    ];
    const below = paths.filter((one) => one.startsWith(`${path}/`));
    const names = below.map((one) => one.slice(path.length + 1).split('/', 1)[0] ?? '');
    return [...new Set(names)].sort();
  }

  async setScheduling(
    tid: number,
    { policy, priority }: { policy: RestorablePolicy; priority: number },
  ): Promise<void> {
    const thread = this.#thread(tid);
    this.told.push(`${tid}: ${policy} ${priority}`);
    if (!this.stubborn.has(tid)) Object.assign(thread, { policy: policyNumbers[policy], priority });
  }

  async setAffinity(tid: number, cpus: readonly number[]): Promise<void> {
    const thread = this.#thread(tid);
    if (thread.bound) throw failure(`taskset of ${tid} failed`, 'EINVAL');
    this.told.push(`${tid}: CPU ${formatCpuList(cpus)}`);
    if (!this.stubborn.has(tid)) thread.cpus = cpus;
  }

  async loadModule(name: string): Promise<void> {
    this.told.push(`load ${name}`);
    const loaded = this.files.get('/proc/modules') ?? '';
    if (loaded.includes(`${name} `)) return;
    this.files.set('/proc/modules', `${loaded}${name} 16384 0 - Live 0x0000000000000000\n`);
  }

  async unloadModule(name: string): Promise<void> {
    this.told.push(`unload ${name}`);
    const lines = (this.files.get('/proc/modules') ?? '').split('\n');
    const others = lines.filter((line) => !line.startsWith(`${name} `));
    this.files.set('/proc/modules', others.join('\n'));
  }

  async run(command: readonly string[]): Promise<string> {
    this.told.push(command.join(' '));
    const [name = '', ...args] = command;
    return this.programs.get(name)?.(args) ?? '';
  }

  async start(command: readonly string[], files: OutputFiles): Promise<FakeProgram> {
    const line = command.join(' ');
    const pid = 10_000 + this.started.length;
    const program = new FakeProgram(pid, command, files, (signal) =>
      this.told.push(`${signal} ${line}`),
    );
    this.onStart(program);
    this.told.push(`start ${line}`);
    this.started.push(program);
    for (const file of [program.outputFile, program.logFile]) {
      if (!this.files.has(file)) this.files.set(file, '');
    }
    return program;
  }

  /** The thread ends. */
  end(tid: number): void {
    this.#threads.delete(tid);
  }

  /** All that can be set, for a comparison of two moments; without these threads. */
  state(without: readonly number[] = []): unknown {
    const threads = [...this.#threads.values()]
      .filter(({ tid }) => !without.includes(tid))
      .map((thread) => ({ policy: 0, priority: 0, ...thread }));
    return { files: new Map(this.files), threads };
  }

  /** /proc/ek_host after a command was written to its device. */
  #attach(command: string): string {
    const [verb] = command.split(' ', 1);
    const wordOf = (name: string) => new RegExp(` ${name}=(\\S+)`).exec(command)?.[1];
    const pid = wordOf('pid');
    const lines = (this.files.get(attachedVmsFile) ?? '').trimEnd().split('\n');
    const others = lines.filter((line) => !line.startsWith(`${pid} `));
    const vm = `${pid} waiting 1 ${wordOf('notification')} 0 ${wordOf('sockets')}${' 0'.repeat(13)}`;
    return `${[...others, ...(verb === 'attach' ? [vm] : [])].join('\n')}\n`;
  }

  #thread(tid: number): FakeThread {
    const thread = this.#threads.get(tid);
    if (thread === undefined) throw failure(`no thread ${tid}`, 'ESRCH');
    return thread;
  }
}

/** As LocalHost fails: with the system's error as its cause. */
export function failure(message: string, code: string): EvenkeelError {
  return new EvenkeelError(message, { cause: Object.assign(new Error(code), { code }) });
}
