import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EvenkeelError } from '../process/errors.js';
import type { HostAccess, SchedulingPolicy } from './access.js';
import { formatCpuList } from './cpu-list.js';

const run = promisify(execFile);

/** chrt, taskset and modprobe return in milliseconds; one that does not is stuck. */
const commandTimeoutMs = 30_000;

/** The host on which this process runs. Needs root for everything but reading. */
export class LocalHost implements HostAccess {
  async readFile(path: string): Promise<string> {
    try {
      return await readFile(path, 'utf8');
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
    { policy, priority }: { policy: SchedulingPolicy; priority: number },
  ): Promise<void> {
    await this.#run('chrt', [`--${policy}`, '--pid', `${priority}`, `${tid}`]);
  }

  async setAffinity(tid: number, cpus: readonly number[]): Promise<void> {
    await this.#run('taskset', ['--cpu-list', '--pid', formatCpuList(cpus), `${tid}`]);
  }

  async loadModule(name: string): Promise<void> {
    try {
      await run('modprobe', [name], { timeout: commandTimeoutMs });
    } catch (cause) {
      throw new EvenkeelError(
        `cannot load the kernel module ${name}: ${(await lastWordsOf(name)) ?? reason(cause)}`,
        { cause },
      );
    }
  }

  async #run(command: string, args: readonly string[]): Promise<void> {
    try {
      await run(command, args, { timeout: commandTimeoutMs });
    } catch (cause) {
      throw new EvenkeelError(`${command} ${args.join(' ')} failed: ${reason(cause)}`, { cause });
    }
  }
}

async function writeInNamespace(netns: string, path: string, value: string): Promise<void> {
  const written = run('nsenter', [`--net=${netns}`, 'tee', path], { timeout: commandTimeoutMs });
  written.child.stdin?.end(value);
  await written;
}

/** What a kernel module has said last in the kernel's log; modprobe itself knows but an error number. */
async function lastWordsOf(module: string): Promise<string | undefined> {
  const { stdout } = await run('dmesg', ['--notime'], { timeout: commandTimeoutMs });
  const prefix = `${module}: `;
  const line = stdout.split('\n').findLast((one) => one.startsWith(prefix));
  return line?.slice(prefix.length);
}

function reason(cause: unknown): string {
  const error = cause as NodeJS.ErrnoException & { stderr?: string };
  return error.stderr?.trim() || error.message;
}
