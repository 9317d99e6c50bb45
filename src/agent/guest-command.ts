import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { EvenkeelError } from '../errors.js';
import type { HostAccess } from '../host/access.js';
import { type CpioEntry, writeCpio } from '../lab/cpio.js';
import { rtLink } from '../testbed/topology.js';
import { call } from './commands.js';
import { consoleOf } from './guests.js';
import { type AgentJob, agentFiles, agentPorts, type CommandWork } from './job.js';
import { setUpTestbed } from './testbed.js';

const gateSocket = '/run/guest-gate';
const initrdFile = '/run/guest-initrd';

/** As long as the lab itself would wait for output: it ends the machine when nothing moves any more. */
const commandTimeoutMs = 24 * 3600 * 1000;

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
  await writeFile(initrdFile, await guestInitrd(command));
  for (const port of [agentPorts.stdout, agentPorts.stderr]) {
    await call('stty', '-F', port, 'raw', '-echo');
  }
  const [port] = rtLink(job.size).guests;
  const name = port?.name ?? '';
  const substitute = {
    role: 'command' as const,
    initrd: initrdFile,
    serialPorts: [agentPorts.stdout, agentPorts.stderr, `unix:${gateSocket},server=on,wait=off`],
  };
  const { guests } = await setUpTestbed(host, job, step, new Map([[name, substitute]]));
  const guest = guests.find((candidate) => candidate.name === name);
  if (guest === undefined) throw new EvenkeelError('a command needs an RT VM to run in');

  step(`running ${command[0]}`);
  // The guest waits for this line, so that the command starts with the method in force.
  await say(gateSocket, 'start\n');
  await guest.program.ended(commandTimeoutMs);
  const status = /evenkeel: exit (\d+)/.exec(await consoleOf(guest))?.[1];
  if (status === undefined) {
    throw new EvenkeelError('the guest stopped before the command had ended', {
      hints: (await consoleOf(guest)).trimEnd().split('\n').slice(-10),
    });
  }
  return Number(status);
}

/** The guests' initramfs, followed by the command and the user's files. */
async function guestInitrd(command: readonly string[]): Promise<Buffer> {
  const script = `exec ${command.map(quote).join(' ')}\n`;
  const entries: CpioEntry[] = [{ type: 'file', path: 'command', content: Buffer.from(script) }];
  await mkdir(agentFiles.copies, { recursive: true });
  for (const name of await readdir(agentFiles.copies)) {
    const file = join(agentFiles.copies, name);
    const { mode } = await stat(file);
    const content = await readFile(file);
    entries.push({ type: 'file', path: `copy/${name}`, mode: mode & 0o777, content });
  }
  return Buffer.concat([await readFile(agentFiles.guestInitrd), writeCpio(entries)]);
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

async function say(socket: string, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const connection = createConnection(socket, () => connection.end(text, resolve));
    connection.once('error', reject);
  });
}
