import type { HostAccess } from '../host/access.js';
import { heavyLinks, rtLink } from '../testbed/topology.js';
import { call, start } from './commands.js';
import { type AgentJob, agentPorts, type ShellWork } from './job.js';
import { setUpTestbed } from './testbed.js';

const shellTimeoutMs = 24 * 3600 * 1000;

/** Gives the user a shell on the serial port `agentPorts.stdout`, until the user leaves it. */
export async function runShell(
  host: HostAccess,
  job: AgentJob,
  { place }: ShellWork,
  step: (name: string) => void,
): Promise<void> {
  if (place === 'host') {
    await setUpTestbed(host, job, step);
    step('shell');
    // The first terminal that a session's leader opens becomes its controlling terminal.
    const terminal = `exec bash -l <${agentPorts.stdout} >${agentPorts.stdout} 2>&1`;
    const shell = await start(['setsid', '--wait', 'sh', '-c', terminal], '/run/shell.log');
    await shell.ended(shellTimeoutMs);
    return;
  }
  await call('stty', '-F', agentPorts.stdout, 'raw', '-echo');
  const [port] = (place === 'rt' ? [rtLink(job.size)] : heavyLinks(job.size)).flatMap(
    ({ guests }) => guests,
  );
  const substitute = { role: 'shell' as const, serialPorts: [agentPorts.stdout] };
  const substitutes = new Map([[port?.name ?? '', substitute]]);
  const { guests } = await setUpTestbed(host, job, step, substitutes);
  step('shell');
  await guests.find(({ role }) => role === 'shell')?.program.ended(shellTimeoutMs);
}
