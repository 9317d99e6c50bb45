import { causesOf, EvenkeelError, ExitCode } from './errors.js';
import { systemErrorHints } from './system-errors.js';

/** What the user is told of a failure, and the exit status that tells it to a script. */
export interface FailureReport {
  /** The message, what its causes add to it, and what to do next. */
  readonly text: string;
  readonly exitCode: number;
}

/** @returns undefined for an error that is not understood: a bug of this program, whose stack is worth more */
export function reportFailure(error: unknown): FailureReport | undefined {
  if (error instanceof EvenkeelError) {
    return { text: failureText(error, hintsOf(error)), exitCode: error.exitCode };
  }
  const hints = systemErrorHints(error);
  if (hints === undefined) return undefined;
  return { text: failureText(error as Error, hints), exitCode: ExitCode.failure };
}

function hintsOf(error: EvenkeelError): string[] {
  const hints = [error, ...causesOf(error)].flatMap((one) =>
    one instanceof EvenkeelError ? one.hints : [],
  );
  return [...new Set(hints)];
}

function failureText(error: Error, hints: readonly string[]): string {
  let text = error.message;
  for (const { message } of causesOf(error)) {
    // Most messages quote that of their cause.
    if (!text.includes(message)) text += `\n  caused by: ${message.replaceAll('\n', '\n  ')}`;
  }
  return printable([text, ...hints.map((hint) => `  ${hint}`)].join('\n'));
}

/** Consoles of machines are quoted here; what they send must not control the user's terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '');
}
