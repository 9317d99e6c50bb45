import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { agentPorts } from '../../../plan/job.js';

/** What a guest's command prints, where a program on the clients' side prints too. */

const sockets = ['/run/guest-stdout', '/run/guest-stderr'] as const;

/** The serial ports for the command's stdout and stderr, as QEMU's -serial takes them. */
export const relayedPorts = sockets.map((socket) => `unix:${socket},server=on,wait=off`);

/**
 * Begins to pass the output on to `agentPorts.stderr`, by whole lines and marked as the guest's.
 * @returns what waits for the end of the output, which is that of the guest
 */
export async function relayGuestOutput(): Promise<() => Promise<void>> {
  const ends: Promise<unknown>[] = [];
  for (const socket of sockets) {
    const connection = createConnection(socket);
    await once(connection, 'connect');
    const lines = createInterface({ input: connection });
    lines.on('line', sayOfGuest);
    ends.push(once(lines, 'close'));
  }
  return async () => {
    await Promise.all(ends);
  };
}

/** Writes a line about the guest where its output goes. */
export function sayOfGuest(line: string): void {
  appendFileSync(agentPorts.stderr, `guest: ${line}\n`);
}
