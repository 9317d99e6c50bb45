import { EvenkeelError } from '../errors.js';
import type { HostAccess } from '../host/access.js';
import { shellWord } from '../shell-word.js';
import { rtLink } from '../testbed/topology.js';
import { guestWithScript, runGuestScript } from './guest-script.js';
import type { AgentJob, CommandWork } from './job.js';
import { setUpTestbed } from './testbed.js';

/**
 * Boots the testbed with a Debian guest in the place of RT VM 0, runs the command there, and passes its
 * output on to the serial ports.
 * @returns the command's exit status
 */
export async function runGuestCommand(
  host: HostAccess,
  job: AgentJob,
  { command }: CommandWork,
  step: (name: string) => void,
): Promise<number> {
  const [port] = rtLink(job.size).guests;
  if (port === undefined) throw new EvenkeelError('a command needs an RT VM to run in');
  const substitute = await guestWithScript('command', `exec ${command.map(shellWord).join(' ')}\n`);
  const { guests } = await setUpTestbed(host, job, step, new Map([[port.name, substitute]]));
  step(`running ${command[0]}`);
  return await runGuestScript(guests, port.name);
}
