import { freemem } from 'node:os';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { EvenkeelError, InterruptedError } from './errors.js';
import { missingProgramHint } from './programs.js';

/** A program and its arguments; nothing is passed through a shell. */
export type Command = readonly [string, ...string[]];

export interface CommandOptions {
  /** Kills the command, and all it started, when it aborts. */
  readonly signal: AbortSignal;
  /** Kills the command when it takes longer. */
  readonly timeoutMs: number;
  /** Where its output is appended; without one, only an error message quotes it. */
  readonly logFile?: string;
  /** Words that run what follows them as somebody else, such as `sudo -n`. */
  readonly prefix?: readonly string[];
  /** Variables added to the command's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with each line of its output, stdout and stderr alike. */
  readonly onLine?: (line: string) => void;
}

/**
 * The lifeline: the command dies with whoever started it, however that ends. Its stdin is a pipe that
 * only the starter holds; when the pipe closes, the command's whole session is killed. Unlike a signal
 * this also works through sudo, whose process an ordinary user may not signal. In a session of its
 * own the command hears nothing of the terminal's Ctrl-C, so that there is one way to end it.
 * (`kill -s`, because dash takes no process group after `kill -KILL --`.)
 */
const lifeline = `
exec 3<&0 </dev/null
setsid "$@" 3<&- &
command=$!
trap '' HUP INT QUIT TERM
{ read -r _ <&3; kill -s KILL -- "-$command" || kill -s KILL "$command"; } >/dev/null 2>&1 &
watcher=$!
wait "$command" 2>/dev/null
status=$?
kill -s KILL "$watcher" 2>/dev/null
exit "$status"
`;

/** How long a killed command may take to be gone; one that hangs in the kernel never is. */
const killGraceMs = 10_000;
const quotedLines = 12;
const quotedLineLength = 300;
const maxOutputBytes = 64 * 2 ** 20;

/** A command failed, took too long, or could not be started. */
export class CommandError extends EvenkeelError {
  override name = 'CommandError';
  declare readonly fields: {
    readonly command: Command;
    readonly why: string;
    /** Left out if a time limit or a signal ended it. */
    readonly exitStatus?: number;
    /** The last lines that it printed. */
    readonly output: string;
    readonly logFile?: string;
  };

  constructor(
    command: Command,
    facts: {
      why: string;
      exitStatus?: number | undefined;
      output: string;
      logFile?: string | undefined;
    },
  ) {
    const { why, exitStatus, logFile } = facts;
    const lastLines = facts.output.trimEnd().split('\n').slice(-quotedLines).map(shorten);
    const log = logFile === undefined ? '' : `; its log: ${logFile}`;
    super(
      [`${abbreviate(command)}: ${why}${log}`, ...lastLines.map((line) => `  ${line}`)]
        .join('\n')
        .trimEnd(),
      {
        hints: hintsFor(`${why}\n${facts.output}`, exitStatus),
        fields: { command, why, exitStatus, output: lastLines.join('\n'), logFile },
      },
    );
  }
}

/**
 * Runs a command to its end.
 * @returns its stdout
 * @throws CommandError unless it ends in time with status 0; InterruptedError if `signal` aborts.
 *   Either is thrown only when the command is gone, or cannot be killed.
 */
export async function runCommand(command: Command, options: CommandOptions): Promise<string> {
  const { signal, timeoutMs, logFile } = options;
  if (signal.aborted) throw new InterruptedError();
  const child = start(command, options);
  const limit = AbortSignal.timeout(timeoutMs);
  const { result, killed } = await settle(child, AbortSignal.any([signal, limit]));
  if (signal.aborted) throw new InterruptedError();
  if (result !== undefined && !result.failed && !killed) return result.stdout;

  const fail = (why: string) =>
    new CommandError(command, {
      why,
      exitStatus: killed ? undefined : result?.exitCode,
      output: result?.all ?? '',
      logFile,
    });
  if (result === undefined) throw fail('cannot be killed');
  if (killed) throw fail(`killed, not finished after ${Math.round(timeoutMs / 1000)} s`);
  if (result.exitCode !== undefined) throw fail(`exit status ${result.exitCode}`);
  throw fail(result.originalMessage ?? `ended by ${result.signal}`);
}

function start(command: Command, options: CommandOptions) {
  const { logFile, prefix = [], environment = {}, onLine } = options;
  const destination = logFile === undefined ? [] : [{ file: logFile, append: true }];
  const variables = Object.entries({ LC_ALL: 'C', ...environment }).map(
    ([name, value]) => `${name}=${value}`,
  );
  // The variables and the lifeline come after the prefix: sudo resets the one and would survive the other.
  const [file, ...words] = [...prefix, 'env', ...variables, 'sh', '-c', lifeline, 'sh', ...command];
  const child = execa(file as string, words, {
    stdin: 'pipe',
    stdout: ['pipe', ...destination],
    stderr: ['pipe', ...destination],
    all: true,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: maxOutputBytes,
  });
  if (onLine !== undefined) createInterface({ input: child.all }).on('line', onLine);
  return child;
}

/**
 * Waits for the end of `child`, and cuts its lifeline when `stop` aborts.
 * @returns no result if it is still there a while after that
 */
async function settle(child: ReturnType<typeof start>, stop: AbortSignal) {
  let forget: NodeJS.Timeout | undefined;
  let killed = false;
  const unkillable = new Promise<undefined>((resolve) => {
    const kill = () => {
      killed = true;
      child.stdin.end();
      forget = setTimeout(() => resolve(undefined), killGraceMs);
    };
    if (stop.aborted) kill();
    else stop.addEventListener('abort', kill, { once: true });
    void child.finally(() => stop.removeEventListener('abort', kill));
  });
  const result = await Promise.race([child, unkillable]);
  clearTimeout(forget);
  return { result, killed };
}

/** The command as a message shows it: a script among its arguments cut down to its first line. */
function abbreviate(command: Command): string {
  const words = command.map((word) => {
    const firstLine = word.trim().split('\n', 1).join();
    return firstLine === word ? word : `${firstLine} …`;
  });
  return shorten(words.join(' '));
}

function shorten(line: string): string {
  return line.length <= quotedLineLength ? line : `${line.slice(0, quotedLineLength)} …`;
}

/** What to do about a failure whose cause can be told from what the command printed. */
function hintsFor(output: string, exitStatus: number | undefined): string[] {
  const missing = missingProgram(output, exitStatus);
  if (missing !== undefined) return [missingProgramHint(missing)];
  if (/No space left on device/.test(output)) {
    return [
      'The disk is full: free some space, or set XDG_CACHE_HOME to a folder on another disk.',
    ];
  }
  if (/404 +Not Found/.test(output)) {
    return ['The mirror no longer has a locked version: resolve the versions again (--refresh).'];
  }
  if (/Temporary failure resolving|Could not (resolve|connect)|Failed to fetch/.test(output)) {
    return ["The mirror cannot be reached: check the network and apt's proxy settings."];
  }
  // A command that we have killed has no status, and needs no explanation.
  if (exitStatus === undefined) return [];
  if (exitStatus === killedStatus || /Killed|out of memory/i.test(output)) {
    const freeMiB = Math.round(freemem() / 2 ** 20);
    return [
      `Something killed it; ${freeMiB} MiB of memory are free now. See dmesg for the reason.`,
    ];
  }
  return [];
}

/** As Node reports it for the first word of a command, the shell for setsid(1), and that for the rest. */
function missingProgram(output: string, exitStatus: number | undefined): string | undefined {
  const [, first] = /spawn (\S+) ENOENT/.exec(output) ?? [];
  if (first !== undefined || exitStatus !== notFoundStatus) return first;
  const [, bySetsid, byShell] =
    /failed to execute (\S+): No such file|(\S+): not found/.exec(output) ?? [];
  return bySetsid ?? byShell;
}

/** What a shell and setsid(1) report for a program that does not exist. */
const notFoundStatus = 127;

/** What a shell reports for a command that SIGKILL ended. */
const killedStatus = 128 + 9;
