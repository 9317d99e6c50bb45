import type { BackgroundProgram, OutputFiles } from '../../src/host/background-program.js';
import { EvenkeelError } from '../../src/process/errors.js';

/** A program that runs until it is told to end, or ends by itself. */
export class FakeProgram implements BackgroundProgram {
  readonly outputFile: string;
  readonly logFile: string;
  /** How it ends on SIGTERM; undefined if it does not. */
  statusOnSigterm: number | undefined = -1;
  #status: number | undefined;
  readonly #waiting: ((status: number) => void)[] = [];

  constructor(
    readonly pid: number,
    readonly command: readonly string[],
    { outputFile, logFile = outputFile }: OutputFiles,
    readonly onSignal: (name: NodeJS.Signals) => void,
  ) {
    this.outputFile = outputFile;
    this.logFile = logFile;
  }

  status(): number | undefined {
    return this.#status;
  }

  signal(name: NodeJS.Signals): void {
    this.onSignal(name);
    const status = name === 'SIGTERM' ? this.statusOnSigterm : -1;
    if (status !== undefined) this.end(status);
  }

  async ended(timeoutMs: number): Promise<number> {
    if (this.#status === undefined && this.statusOnSigterm === undefined) {
      throw new EvenkeelError(`it did not end within ${timeoutMs / 1000} s`);
    }
    if (this.#status !== undefined) return this.#status;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** It ends. */
  end(status: number): void {
    this.#status ??= status;
    for (const resolve of this.#waiting.splice(0)) resolve(this.#status);
  }
}
