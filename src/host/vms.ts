import { EvenkeelError } from '../process/errors.js';
import type { HostAccess } from './access.js';
import { numeric, readIfAlive } from './proc.js';

/** A VM that runs on a host: a QEMU process, whoever has started it. */
export interface RunningVm {
  readonly pid: number;
  /** As QEMU's -name has it, which libvirt sets to the domain's name; undefined if it has none. */
  readonly name: string | undefined;
}

/** The VMs of a host, in the order of their processes. */
export async function runningVms(host: HostAccess): Promise<RunningVm[]> {
  const vms = [];
  for (const pid of numeric(await host.list('/proc'))) {
    const [comm, commandLine] = await Promise.all([
      readIfAlive(host, `/proc/${pid}/comm`),
      readIfAlive(host, `/proc/${pid}/cmdline`),
    ]);
    // Debian's qemu-system-x86_64, cut to 15 characters, and Red Hat's.
    if (!/^qemu-(system|kvm)/.test(comm ?? '')) continue;
    vms.push({ pid, name: nameOf((commandLine ?? '').split('\0')) });
  }
  return vms.sort((a, b) => a.pid - b.pid);
}

/**
 * The VM with that process id or name.
 * @throws EvenkeelError that names the VMs that there are, if none or several are meant
 */
export async function findVm(host: HostAccess, wanted: string): Promise<RunningVm> {
  const vms = await runningVms(host);
  const found = vms.filter(({ pid, name }) => `${pid}` === wanted || name === wanted);
  const [vm] = found;
  if (vm !== undefined && found.length === 1) return vm;
  const names = vms.map(({ pid, name }) => (name === undefined ? `${pid}` : `${name} (${pid})`));
  throw new EvenkeelError(
    vm === undefined ? `no VM "${wanted}" runs here` : `several VMs are called "${wanted}"`,
    {
      hints: [
        names.length === 0
          ? 'No QEMU process runs on this host.'
          : `The VMs are: ${names.join(', ')}.`,
      ],
    },
  );
}

/** -name NAME, or guest=NAME among other settings; a comma in a name is doubled (QEMU's options). */
function nameOf(commandLine: readonly string[]): string | undefined {
  const option = commandLine.lastIndexOf('-name');
  const settings = commandLine[option + 1]?.match(/(?:[^,]|,,)+/g);
  if (option === -1 || !settings) return undefined;
  const guest = settings.find((setting) => setting.startsWith('guest='))?.slice('guest='.length);
  const name = guest ?? settings.find((setting) => !setting.includes('='));
  return name?.replaceAll(',,', ',');
}
