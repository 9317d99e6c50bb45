import type { HostAccess } from '../../../host/access.js';
import { longestWaitMs, stoppedOnFailure } from '../../../host/background-program.js';
import { agentPorts, type JobOf, type UserTerminal } from '../../../plan/job.js';
import { heavyLinks, rtLink } from '../../../plan/topology.js';
import { EvenkeelError } from '../../../process/errors.js';
import { shellWord } from '../../../process/shell-word.js';
import { guestWithScript, runGuestScript } from './guest-script.js';
import { withTestbed } from './testbed.js';

/**
 * Boots the testbed and gives the user a shell on the serial port `agentPorts.stdout`, until the user
 * leaves it.
 * @param onShell called when the shell starts
 * @returns the shell's exit status
 */
export async function runShell(
  host: HostAccess,
  job: JobOf<'shell'>,
  step: (name: string) => void,
  onShell: () => void,
): Promise<number> {
  const { place, terminal } = job;
  if (place === 'host') {
    // The first terminal that a session's leader opens becomes its controlling terminal.
    const script = `exec <${agentPorts.stdout} >${agentPorts.stdout} 2>&1\n${shellScript('host', terminal)}`;
    return await withTestbed(host, job, step, new Map(), async () => {
      onShell();
      const command = ['setsid', '--wait', 'sh', '-c', script];
      const shell = await host.start(command, { outputFile: '/run/shell.log' });
      return await stoppedOnFailure([shell], () => shell.ended(longestWaitMs));
    });
  }
  const links = place === 'rt' ? [rtLink(job.conditions)] : heavyLinks(job.conditions);
  const port = links[0]?.guests[0];
  if (port === undefined) throw new EvenkeelError(`the testbed has no ${place} VM for a shell`);
  const substitute = await guestWithScript(host, 'shell', shellScript(port.name, terminal));
  const substitutes = new Map([[port.name, substitute]]);
  return await withTestbed(host, job, step, substitutes, async ({ guests }) => {
    onShell();
    return await runGuestScript(guests, port.name);
  });
}

/** Runs with the terminal as its stdin. The machine's name is what the prompt shows. */
function shellScript(hostname: string, { rows, columns, type }: UserTerminal): string {
  return [
    `echo ${hostname} >/proc/sys/kernel/hostname`,
    `stty rows ${rows} columns ${columns}`,
    `export TERM=${shellWord(type)}`,
    'cd',
    'exec bash -l',
    '',
  ].join('\n');
}
