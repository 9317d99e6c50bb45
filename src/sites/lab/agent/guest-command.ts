import type { HostAccess } from '../../../host/access.js';
import { longestWaitMs, stopPrograms } from '../../../host/background-program.js';
import type { AgentEvent } from '../../../plan/agent-event.js';
import { agentPorts, type JobOf } from '../../../plan/job.js';
import { rtLink } from '../../../plan/topology.js';
import { EvenkeelError } from '../../../process/errors.js';
import { shellWord } from '../../../process/shell-word.js';
import { relayedPorts, relayGuestOutput, sayOfGuest } from './guest-output.js';
import { guestWithScript, runGuestScript } from './guest-script.js';
import type { Guest } from './guests.js';
import { startHeartbeat } from './heartbeat.js';
import { startOutsideProgram } from './outside-program.js';
import { withTestbed } from './testbed.js';

/**
 * Boots the testbed with a Debian guest in the place of RT VM 0, and runs the command there. If there is a
 * program for the clients' side, it runs from the moment when the guest has booted, and its end is the end,
 * unless the command fails before.
 * @returns the exit status of the program on the clients' side or, without one, of the command
 */
export async function runGuestCommand(
  host: HostAccess,
  job: JobOf<'command'>,
  step: (name: string) => void,
  tell: (event: AgentEvent) => void,
): Promise<number> {
  const { command, outside } = job;
  const { guests: ports, clientAddress } = rtLink(job.conditions);
  const [port] = ports;
  if (port === undefined) throw new EvenkeelError('a command needs an RT VM to run in');
  const variables = [`GUEST_ADDRESS=${port.address}`, `OUTSIDE_ADDRESS=${clientAddress}`];
  const script = `export ${variables.join(' ')}\nexec ${command.map(shellWord).join(' ')}\n`;
  const output = outside === undefined ? [agentPorts.stdout, agentPorts.stderr] : relayedPorts;
  const substitute = await guestWithScript(host, 'command', script, output);
  const substitutes = new Map([[port.name, substitute]]);
  return await withTestbed(host, job, step, substitutes, async ({ guests }) => {
    step(`running ${command[0]}${outside === undefined ? '' : ', and the program outside'}`);
    tell({ event: 'running' });
    const stopHeartbeat = startHeartbeat(host, guests, tell);
    try {
      if (outside === undefined) return await runGuestScript(guests, port.name);
      return await runBoth(host, job, guests, port.name, { text: outside, variables });
    } finally {
      stopHeartbeat();
    }
  });
}

/** The command, and the program on the clients' side. */
async function runBoth(
  host: HostAccess,
  { command, conditions }: JobOf<'command'>,
  guests: readonly Guest[],
  name: string,
  outside: { readonly text: string; readonly variables: readonly string[] },
): Promise<number> {
  const outputEnd = await relayGuestOutput();
  const guestEnd = runGuestScript(guests, name).then(async (status) => {
    await outputEnd();
    sayOfGuest(`${command[0]} ended with status ${status}`);
    return status;
  });
  // It is awaited below; if nothing can be started outside, that is what is told.
  guestEnd.catch(() => undefined);
  const program = await startOutsideProgram(host, outside.text, outside.variables, conditions);
  try {
    const outsideEnd = program.ended(longestWaitMs);
    return await Promise.race([outsideEnd, guestEnd.then((status) => status || outsideEnd)]);
  } finally {
    await stopPrograms([program]);
  }
}
