import { type AgentEvent, agentEventSchema } from '../../plan/agent-event.js';
import { parseValidatedJson } from '../../process/json.js';
import { FileTail } from './file-tail.js';

/** The events that an agent writes to its serial port, which the emulator appends to a file. */
export class AgentEvents {
  readonly #path: string;
  readonly #tail: FileTail;
  #bytes = Buffer.alloc(0);
  #line = 0;

  constructor(path: string) {
    this.#path = path;
    this.#tail = new FileTail(path, (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
    });
  }

  /**
   * The events that have come since the last call. Whole lines only: the last one may be half written.
   * @throws EvenkeelError that names the file and the line if it is no event: what does not fit on a full disk
   *   is missing in the middle
   */
  async read(): Promise<AgentEvent[]> {
    await this.#tail.pump();
    const end = this.#bytes.lastIndexOf('\n') + 1;
    const lines = this.#bytes.subarray(0, end).toString().split('\n').slice(0, -1);
    this.#bytes = this.#bytes.subarray(end);
    return lines.map((line) => {
      this.#line += 1;
      return parseValidatedJson(`${this.#path}:${this.#line}`, line, agentEventSchema);
    });
  }
}
