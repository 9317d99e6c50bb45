import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { EvenkeelError } from '../process/errors.js';
import type { HostAccess, RestorablePolicy } from './access.js';
import { type BackgroundProgram, type OutputFiles, startProgram } from './background-program.js';
import { formatCpuList } from './cpu-list.js';

const execute = promisify(execFile);

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
      throw new EvenkeelError(`cannot read ${path}: ${reason(cause)}`, { cause });
    }
  }

  async writeFile(path: string, value: string, netns?: string): Promise<void> {
    try {
      if (netns === undefined) await writeFile(path, value);
      else await writeInNamespace(netns, path, value);
    } catch (cause) {
      throw new EvenkeelError(`cannot write "${value}" to ${path}: ${reason(cause)}`, { cause });
    }
  }

  async createFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content, { mode });
    } catch (cause) {
      throw new EvenkeelError(`cannot create ${path}: ${reason(cause)}`, { cause });
    }
  }

  async list(path: string): Promise<string[]> {
    try {
      return (await readdir(path)).sort();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new EvenkeelError(`cannot list ${path}: ${reason(cause)}`, { cause });
    }
  }

  async setScheduling(
    tid: number,
    { policy, priority }: { policy: RestorablePolicy; priority: number },
  ): Promise<void> {
    await runOrFail(['chrt', `--${policy}`, '--pid', `${priority}`, `${tid}`], commandTimeoutMs);
  }

  async setAffinity(tid: number, cpus: readonly number[]): Promise<void> {
    const command = ['taskset', '--cpu-list', '--pid', formatCpuList(cpus), `${tid}`];
    await runOrFail(command, commandTimeoutMs);
  }

  async loadModule(name: string): Promise<void> {
    try {
      await execute('modprobe', [name], { timeout: commandTimeoutMs });
    } catch (cause) {
      throw new EvenkeelError(
        `cannot load the kernel module ${name}: ${(await lastWordsOf(name)) ?? reason(cause)}`,
        { cause },
      );
    }
  }

  async unloadModule(name: string): Promise<void> {
    try {
      await execute('modprobe', ['--remove', name], { timeout: commandTimeoutMs });
    } catch (cause) {
      throw new EvenkeelError(`cannot unload the kernel module ${name}: ${reason(cause)}`, {
        cause,
      });
    }
  }

  run(command: readonly string[]): Promise<string> {
    return runOrFail(command, programTimeoutMs, this.#environment);
  }

  start(command: readonly string[], files: OutputFiles): Promise<BackgroundProgram> {
    return startProgram(command, files);
  }
}

/** The most that a program may print: dmesg of a host with large buffers is some megabytes. */
const maxOutputBytes = 64 * 2 ** 20;

async function runOrFail(
  command: readonly string[],
  timeoutMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const [program = '', ...args] = command;
  try {
    const options = { timeout: timeoutMs, maxBuffer: maxOutputBytes, env };
    return (await execute(program, args, options)).stdout;
  } catch (cause) {
    throw new EvenkeelError(`${command.join(' ')} failed: ${reason(cause)}`, { cause });
  }
}

async function writeInNamespace(netns: string, path: string, value: string): Promise<void> {
  const written = execute('nsenter', [`--net=${netns}`, 'tee', path], {
    timeout: commandTimeoutMs,
  });
  written.child.stdin?.end(value);
  await written;
}

/** What a kernel module has said last in the kernel's log; modprobe itself knows but an error number. */
async function lastWordsOf(module: string): Promise<string | undefined> {
  const { stdout } = await execute('dmesg', ['--notime'], { timeout: commandTimeoutMs });
  const prefix = `${module}: `;
  const line = stdout.split('\n').findLast((one) => one.startsWith(prefix));
  return line?.slice(prefix.length);
}

function reason(cause: unknown): string {
  const error = cause as NodeJS.ErrnoException & { stderr?: string };
  return error.stderr?.trim() || error.message;
}
