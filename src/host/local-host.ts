import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CallOptions, callProgram } from '../process/call-program.js';
import { EvenkeelError } from '../process/errors.js';
import type { HostAccess, RestorablePolicy } from './access.js';
import { type BackgroundProgram, type OutputFiles, startProgram } from './background-program.js';
import { formatCpuList } from './cpu-list.js';

/** chrt, taskset and modprobe return in milliseconds; one that does not is stuck. */
const commandTimeoutMs = 30_000;
/** Other programs, such as those that set up a network, may take longer on an emulated host. */
const programTimeoutMs = 120_000;

/** The host on which this process runs. Needs root for everything but reading. */
export class LocalHost implements HostAccess {
  readonly #environment: NodeJS.ProcessEnv;

  /** @param programs a folder with programs that are not on the PATH, for `run` */
  constructor(programs?: string) {
    const { PATH: path = '' } = process.env;
    const searched = programs === undefined ? path : `${path}:${programs}`;
    this.#environment = { ...process.env, PATH: searched };
  }

  async readFile(path: string): Promise<string> {
    return (await this.readBytes(path)).toString('utf8');
  }

  async readBytes(path: string): Promise<Buffer> {
    try {
      return await readFile(path);
    } catch (cause) {
      throw new EvenkeelError(`cannot read ${path}: ${reason(cause)}`, { cause, fields: { path } });
    }
  }

  async writeFile(path: string, value: string, opened?: string): Promise<void> {
    try {
      if (opened === undefined) await writeExisting(path, value);
      else await writeWithDescriptor(path, value, opened);
    } catch (cause) {
      throw new EvenkeelError(`cannot write "${value}" to ${path}: ${reason(cause)}`, {
        cause,
        fields: { path, value, opened },
      });
    }
  }

  async createFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content, { mode });
    } catch (cause) {
      throw new EvenkeelError(`cannot create ${path}: ${reason(cause)}`, {
        cause,
        fields: { path },
      });
    }
  }

  async list(path: string): Promise<string[]> {
    try {
      return (await readdir(path)).sort();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new EvenkeelError(`cannot list ${path}: ${reason(cause)}`, { cause, fields: { path } });
    }
  }

  async setScheduling(
    tid: number,
    { policy, priority }: { policy: RestorablePolicy; priority: number },
  ): Promise<void> {
    await call(['chrt', `--${policy}`, '--pid', `${priority}`, `${tid}`]);
  }

  async setAffinity(tid: number, cpus: readonly number[]): Promise<void> {
    await call(['taskset', '--cpu-list', '--pid', formatCpuList(cpus), `${tid}`]);
  }

  async loadModule(name: string): Promise<void> {
    try {
      await call(['modprobe', name]);
    } catch (cause) {
      const why = (await lastWordsOf(name).catch(() => undefined)) ?? reason(cause);
      throw new EvenkeelError(`cannot load the kernel module ${name}: ${why}`, {
        cause,
        fields: { module: name },
      });
    }
  }

  async unloadModule(name: string): Promise<void> {
    try {
      await call(['modprobe', '--remove', name]);
    } catch (cause) {
      throw new EvenkeelError(`cannot unload the kernel module ${name}: ${reason(cause)}`, {
        cause,
        fields: { module: name },
      });
    }
  }

  run(command: readonly string[]): Promise<string> {
    return call(command, { timeoutMs: programTimeoutMs, environment: this.#environment });
  }

  start(command: readonly string[], files: OutputFiles): Promise<BackgroundProgram> {
    return startProgram(command, files);
  }
}

function call(
  [program = '', ...args]: readonly string[],
  options: Partial<CallOptions> = {},
): Promise<string> {
  return callProgram(program, args, { timeoutMs: commandTimeoutMs, ...options });
}

async function writeExisting(path: string, value: string): Promise<void> {
  await writeFile(path, value, { flag: constants.O_WRONLY });
}

async function writeWithDescriptor(path: string, value: string, opened: string): Promise<void> {
  const file = await open(opened, 'r');
  try {
    await writeExisting(path, `${value}${file.fd}`);
  } finally {
    await file.close();
  }
}

/** What a kernel module has said last in the kernel's log; modprobe itself knows but an error number. */
async function lastWordsOf(module: string): Promise<string | undefined> {
  const log = await call(['dmesg', '--notime']);
  const prefix = `${module}: `;
  const line = log.split('\n').findLast((one) => one.startsWith(prefix));
  return line?.slice(prefix.length);
}

function reason(cause: unknown): string {
  const { message, fields } = cause as Error & Partial<EvenkeelError>;
  const { output } = fields ?? {};
  return typeof output === 'string' && output !== '' ? output : message;
}
