import { InterruptedError } from './errors.js';

/** One running task, for its own work to say what it is doing. */
export interface ProgressTask {
  /** Replaces the text that says what the task is doing now. */
  detail(text: string): void;
}

/** Tells the user what goes on. Tasks may run at the same time. */
export interface Progress {
  /** Shows `title` for as long as `work` runs, and how it ended; passes its result or error on. */
  task<T>(title: string, work: (task: ProgressTask) => Promise<T>): Promise<T>;
  /** Shows a line that stays. */
  note(text: string): void;
}

/** The part of a stream that progress needs; `process.stderr` has it. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Progress on `stream`: in place if it is a terminal, else a line at a time.
 * @param environment decides about colour: NO_COLOR set to anything but '' means none
 */
export function createProgress(
  stream: ProgressStream,
  environment: Readonly<Record<string, string | undefined>>,
): Progress {
  const { TERM, NO_COLOR = '' } = environment;
  if (stream.isTTY !== true || TERM === 'dumb') return new PlainProgress(stream);
  return new TerminalProgress(stream, NO_COLOR === '');
}

/** A task that runs, as the renderers keep it. */
class RunningTask implements ProgressTask {
  readonly title: string;
  readonly #startedMs = performance.now();
  doing = '';

  constructor(title: string) {
    this.title = title;
  }

  // Works without its object too, so that the work may take it apart.
  readonly detail = (text: string): void => {
    this.doing = text.trim();
  };

  elapsed(): string {
    const seconds = Math.floor((performance.now() - this.#startedMs) / 1000);
    if (seconds < 60) return `${seconds} s`;
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }

  toString(): string {
    return `${this.title} (${this.elapsed()})${this.doing === '' ? '' : `: ${this.doing}`}`;
  }
}

function endOf(error: unknown): string {
  return error instanceof InterruptedError ? 'stopped' : 'failed';
}

const reminderMs = 30_000;

/** A line when a task starts, one when it ends, and one now and then in between. */
class PlainProgress implements Progress {
  readonly #stream: ProgressStream;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  async task<T>(title: string, work: (task: ProgressTask) => Promise<T>): Promise<T> {
    const task = new RunningTask(title);
    this.note(title);
    const reminder = setInterval(() => this.note(`still ${task}`), reminderMs);
    try {
      const result = await work(task);
      this.note(`done ${title} (${task.elapsed()})`);
      return result;
    } catch (error) {
      this.note(`${endOf(error)} ${title} (${task.elapsed()})`);
      throw error;
    } finally {
      clearInterval(reminder);
    }
  }

  note(text: string): void {
    this.#stream.write(`${text}\n`);
  }
}

const frameMs = 200;
const defaultColumns = 80;
const ansi = { clearBelow: '\x1b[J', dim: '\x1b[2m', green: '\x1b[32m', red: '\x1b[31m' };
const ansiReset = '\x1b[0m';

/** A line for each running task, redrawn in place below the lines that stay. */
class TerminalProgress implements Progress {
  readonly #stream: ProgressStream;
  readonly #colour: boolean;
  readonly #running = new Set<RunningTask>();
  #drawnLines = 0;
  #frames: NodeJS.Timeout | undefined;

  constructor(stream: ProgressStream, colour: boolean) {
    this.#stream = stream;
    this.#colour = colour;
  }

  async task<T>(title: string, work: (task: ProgressTask) => Promise<T>): Promise<T> {
    const task = new RunningTask(title);
    this.#running.add(task);
    this.#frames ??= setInterval(() => this.#draw(), frameMs);
    this.#draw();
    try {
      const result = await work(task);
      this.#end(task, `${this.#paint('green', '✓')} ${title} (${task.elapsed()})`);
      return result;
    } catch (error) {
      this.#end(task, `${this.#paint('red', '✗')} ${endOf(error)} ${title} (${task.elapsed()})`);
      throw error;
    }
  }

  note(text: string): void {
    this.#draw(`${text}\n`);
  }

  #end(task: RunningTask, lastLine: string): void {
    this.#running.delete(task);
    if (this.#running.size === 0) {
      clearInterval(this.#frames);
      this.#frames = undefined;
    }
    this.note(lastLine);
  }

  /** Erases the lines of the last call, then writes `staying` and a line for each running task. */
  #draw(staying = ''): void {
    const erase = this.#drawnLines === 0 ? '' : `\r\x1b[${this.#drawnLines}A${ansi.clearBelow}`;
    // A line that wrapped would take two rows, and the next erasing would leave one behind.
    const width = (this.#stream.columns ?? defaultColumns) - 1;
    const lines = [...this.#running].map((task) => {
      const line = `  ${task}`;
      return `${this.#paint('dim', line.length <= width ? line : `${line.slice(0, width - 1)}…`)}\n`;
    });
    this.#stream.write(erase + staying + lines.join(''));
    this.#drawnLines = lines.length;
  }

  #paint(style: 'dim' | 'green' | 'red', text: string): string {
    return this.#colour ? `${ansi[style]}${text}${ansiReset}` : text;
  }
}
