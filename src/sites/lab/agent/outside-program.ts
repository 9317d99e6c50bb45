import type { HostAccess } from '../../../host/access.js';
import type { BackgroundProgram } from '../../../host/background-program.js';
import { agentFiles, agentPorts, outsideRootDevice } from '../../../plan/job.js';
import { cpusOf, type Link, rtLink, type TestbedSize } from '../../../plan/topology.js';
import { onOutside } from './network.js';

/** The Debian tree of the clients' side: what the guest has on its disk, in memory of its own. */
const root = '/run/outside';
/** In that tree. */
const programFile = '/run/outside-program';

/**
 * Starts a program of the user on the clients' side of the RT network, in a Debian tree of its own; its output
 * goes to the serial ports.
 * @param text the program; its first line names its interpreter
 * @param variables what its environment has beside HOME and PATH
 */
export async function startOutsideProgram(
  host: HostAccess,
  text: string,
  variables: readonly string[],
  size: TestbedSize,
): Promise<BackgroundProgram> {
  const link = rtLink(size);
  await mountRoot(host, link);
  await host.run(['cp', '--archive', `${agentFiles.copies}/.`, `${root}/root`]);
  await host.createFile(`${root}${programFile}`, text, 0o755);
  return await host.start(
    [
      ...onOutside(link.namespace, cpusOf(size).outside),
      ...['env', '--ignore-environment', ...variables, 'HOME=/root', 'TERM=linux'],
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      // The shell stays, to tell of a program that was killed as shells do: with 128 and the signal's number.
      ...['chroot', root, 'sh', '-c', `cd; ${programFile}; exit`],
    ],
    { outputFile: agentPorts.stdout, logFile: agentPorts.stderr },
  );
}

/** As lab/guest/init does it for the guest. /sys shows the network namespace of who mounts it. */
async function mountRoot(host: HostAccess, { namespace }: Link): Promise<void> {
  for (const [type, source, directory] of [
    ['ext4', outsideRootDevice, ''],
    ['proc', 'proc', '/proc'],
    ['sysfs', 'sys', '/sys'],
    ['devtmpfs', 'dev', '/dev'],
    ['devpts', 'pts', '/dev/pts'],
    ['tmpfs', 'shm', '/dev/shm'],
    ['tmpfs', 'tmp', '/tmp'],
    ['tmpfs', 'run', '/run'],
  ] as const) {
    const target = `${root}${directory}`;
    await host.run(['mkdir', '--parents', target]);
    const mount = ['busybox', 'mount', '-t', type, source, target];
    await host.run(['nsenter', `--net=/run/netns/${namespace}`, ...mount]);
  }
}
