import type { HostAccess } from '../../../host/access.js';
import type { AgentEvent } from '../../../plan/agent-event.js';
import { type AgentJob, agentPorts, type CommandWork } from '../../../plan/job.js';
import { rtLink } from '../../../plan/topology.js';
import { EvenkeelError } from '../../../process/errors.js';
import { shellWord } from '../../../process/shell-word.js';
import { relayedPorts, relayGuestOutput, sayOfGuest } from './guest-output.js';
import { guestWithScript, runGuestScript } from './guest-script.js';
import type { Guest } from './guests.js';
import { startHeartbeat } from './heartbeat.js';
import { runOutsideProgram } from './outside-program.js';
import { setUpTestbed } from './testbed.js';

/**
 * Boots the testbed with a Debian guest in the place of RT VM 0, and runs the command there. If there is a
 * program for the clients' side, it runs from the moment when the guest has booted, and its end is the end,
 * unless the command fails before.
 * @returns the exit status of the program on the clients' side or, without one, of the command
 */
export async function runGuestCommand(
  host: HostAccess,
  job: AgentJob,
  { command, outside }: CommandWork,
  step: (name: string) => void,
  tell: (event: AgentEvent) => void,
): Promise<number> {
  const { guests: ports, clientAddress } = rtLink(job.size);
  const [port] = ports;
  if (port === undefined) throw new EvenkeelError('a command needs an RT VM to run in');
  const variables = [`GUEST_ADDRESS=${port.address}`, `OUTSIDE_ADDRESS=${clientAddress}`];
  const script = `export ${variables.join(' ')}\nexec ${command.map(shellWord).join(' ')}\n`;
  const output = outside === undefined ? [agentPorts.stdout, agentPorts.stderr] : relayedPorts;
  const substitute = await guestWithScript('command', script, output);
  const { guests } = await setUpTestbed(host, job, step, new Map([[port.name, substitute]]));
  step(`running ${command[0]}${outside === undefined ? '' : ', and the program outside'}`);
  tell({ event: 'running' });
  const stopHeartbeat = startHeartbeat(host, guests, tell);
  try {
    if (outside === undefined) return await runGuestScript(guests, port.name);
    return await runBoth(job, guests, port.name, command, { text: outside, variables });
  } finally {
    stopHeartbeat();
  }
}

/** The command, and the program on the clients' side. */
async function runBoth(
  { size }: AgentJob,
  guests: readonly Guest[],
  name: string,
  [program]: readonly string[],
  outside: { readonly text: string; readonly variables: readonly string[] },
): Promise<number> {
  const outputEnd = await relayGuestOutput();
  const guestEnd = runGuestScript(guests, name).then(async (status) => {
    await outputEnd();
    sayOfGuest(`${program} ended with status ${status}`);
    return status;
  });
  const outsideEnd = runOutsideProgram(outside.text, outside.variables, size);
  return await Promise.race([outsideEnd, guestEnd.then((status) => status || outsideEnd)]);
}
