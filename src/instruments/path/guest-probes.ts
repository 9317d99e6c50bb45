import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { EvenkeelError } from '../../process/errors.js';

const guestSocket = '/run/guest-probes';
/** A line, or the records, of which a serial port carries some ten thousand bytes a second. */
const answerMs = 600_000;

/** The serial port, as QEMU's -serial takes it. */
export const guestProbesPort = `unix:${guestSocket},server=on,wait=off`;

/** ek_probe in the guest, behind the serial port at which the guest listens (lab/guest/init). */
export class GuestProbes {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data) => {
      this.#received = Buffer.concat([this.#received, data]);
    });
  }

  static async open(): Promise<GuestProbes> {
    const socket = createConnection(guestSocket);
    await once(socket, 'connect');
    return new GuestProbes(socket);
  }

  async tell(command: string): Promise<void> {
    this.#socket.write(`${command}\n`);
    const answer = await this.#line();
    if (answer !== 'ok') {
      throw new EvenkeelError(`ek_probe in the RT VM, told "${command}", answers "${answer}"`, {
        hints: ["The guest's console says why."],
      });
    }
  }

  async read(): Promise<Buffer> {
    this.#socket.write('read\n');
    return this.#take(Number(await this.#line()));
  }

  close(): void {
    this.#socket.destroy();
  }

  async #line(): Promise<string> {
    const line = await this.#until(() => {
      const end = this.#received.indexOf('\n');
      return end < 0 ? undefined : end + 1;
    });
    return line.toString().trim();
  }

  #take(bytes: number): Promise<Buffer> {
    return this.#until(() => (this.#received.length < bytes ? undefined : bytes));
  }

  /** Waits until `end` says how much of what was received is wanted, and takes that. */
  async #until(end: () => number | undefined): Promise<Buffer> {
    const signal = AbortSignal.timeout(answerMs);
    for (;;) {
      const bytes = end();
      if (bytes !== undefined) {
        const taken = this.#received.subarray(0, bytes);
        this.#received = this.#received.subarray(bytes);
        return taken;
      }
      await once(this.#socket, 'data', { signal }).catch((cause) => {
        throw new EvenkeelError('the RT VM says nothing about its probes', { cause });
      });
    }
  }
}
