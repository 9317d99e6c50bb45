import { execFileSync } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';

/** Ctrl-], as in telnet and virsh: no program in the machine gets to see it. */
export const escapeKey = 0x1d;

/**
 * Passes the user's keys to a machine and what the machine writes to the user's screen, as they are.
 * @param onEscape called when the user presses the escape key
 * @returns a function that ends it
 */
export function joinTerminal(
  { keys, screen }: { keys: Readable; screen: Writable },
  machine: Duplex,
  onEscape: () => void,
): () => void {
  const type = (typed: Buffer) => {
    const end = typed.indexOf(escapeKey);
    machine.write(end === -1 ? typed : typed.subarray(0, end));
    if (end !== -1) onEscape();
  };
  keys.on('data', type);
  machine.pipe(screen, { end: false });
  return () => {
    keys.off('data', type);
    keys.pause();
    machine.unpipe(screen);
  };
}

/**
 * Makes the terminal on stdin pass every key and every byte on as it is. (Node's own raw mode still
 * changes line feeds on the way out.)
 * @returns a function that gives the terminal its settings back; so does the end of this process
 */
export function makeTerminalRaw(): () => void {
  const settings = stty('-g').trim();
  const restore = () => {
    try {
      stty(settings);
    } catch {
      // The terminal may be gone, and its settings with it.
    }
  };
  process.once('exit', restore);
  stty('raw', '-echo');
  return () => {
    process.off('exit', restore);
    restore();
  };
}

function stty(...words: string[]): string {
  return execFileSync('stty', words, { stdio: ['inherit', 'pipe', 'pipe'], encoding: 'utf8' });
}
