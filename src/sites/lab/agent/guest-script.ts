import { createConnection } from 'node:net';
import type { HostAccess } from '../../../host/access.js';
import { longestWaitMs } from '../../../host/background-program.js';
import { agentFiles, agentPorts } from '../../../plan/job.js';
import { EvenkeelError } from '../../../process/errors.js';
import { type CpioEntry, writeCpio } from '../cpio.js';
import { consoleOf, type Guest } from './guests.js';
import type { Substitute } from './testbed.js';

/**
 * A script that a guest with a Debian tree on its disk runs. It gets the script in its initramfs, and
 * waits for a line at its gate, a serial port, so that the script starts with the method in force.
 */

const gateSocket = '/run/guest-gate';
const initrdFile = '/run/guest-initrd';
const consoleLinesInHints = 10;

/**
 * What a guest that runs `script` differs in.
 * @param output serial ports for the script's stdout and stderr, as QEMU's -serial takes them
 */
export async function guestWithScript(
  host: HostAccess,
  role: 'command' | 'shell',
  script: string,
  output: readonly string[] = [agentPorts.stdout, agentPorts.stderr],
): Promise<Substitute> {
  await host.createFile(initrdFile, await initrdWith(host, script));
  for (const port of [agentPorts.stdout, agentPorts.stderr]) {
    await host.run(['stty', '-F', port, 'raw', '-echo']);
  }
  return {
    role,
    initrd: initrdFile,
    serialPorts: [...output, `unix:${gateSocket},server=on,wait=off`],
  };
}

/**
 * Opens the gate of the guest `name`, which was started with a script, and waits for the script's end.
 * @returns its exit status
 */
export async function runGuestScript(guests: readonly Guest[], name: string): Promise<number> {
  const guest = guests.find((candidate) => candidate.name === name);
  if (guest === undefined) throw new Error(`the testbed has no guest ${name}`);
  await say(gateSocket, 'start\n');
  await guest.program.ended(longestWaitMs);
  const console = await consoleOf(guest);
  const status = /evenkeel: exit (\d+)/.exec(console)?.[1];
  if (status === undefined) {
    throw new EvenkeelError(`the guest ${name} stopped before what it ran had ended`, {
      hints: [
        [
          `The last lines of its console, ${guest.consoleFile}:`,
          ...console.trimEnd().split('\n').slice(-consoleLinesInHints),
        ].join('\n    '),
      ],
      fields: { guest: name, consoleFile: guest.consoleFile },
    });
  }
  return Number(status);
}

/** The guests' initramfs, followed by the script and the user's files. */
async function initrdWith(host: HostAccess, script: string): Promise<Buffer> {
  const entries: CpioEntry[] = [{ type: 'file', path: 'script', content: Buffer.from(script) }];
  for (const name of await host.list(agentFiles.copies)) {
    const file = `${agentFiles.copies}/${name}`;
    const permissions = await host.run(['stat', '--format', '%a', file]);
    const mode = Number.parseInt(permissions, 8) & 0o777;
    const content = Buffer.from(await host.readBytes(file));
    entries.push({ type: 'file', path: `copy/${name}`, mode, content });
  }
  return Buffer.concat([await host.readBytes(agentFiles.guestInitrd), writeCpio(entries)]);
}

async function say(socket: string, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const connection = createConnection(socket, () => connection.end(text, resolve));
    connection.once('error', reject);
  });
}
