/** Process exit statuses of the CLI. */
export const ExitCode = { ok: 0, findings: 1, failure: 2, interrupted: 130 } as const;

/**
 * A failure that is understood: what failed, why, and what to do next.
 * The CLI prints it without a stack; any other error is a bug and is printed with one.
 */
export class EvenkeelError extends Error {
  override name = 'EvenkeelError';
  /** What the user can do next, one sentence each. */
  readonly hints: readonly string[];
  readonly exitCode: number;

  constructor(
    message: string,
    options: { cause?: unknown; hints?: readonly string[]; exitCode?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hints = options.hints ?? [];
    this.exitCode = options.exitCode ?? ExitCode.failure;
  }
}

/** The user asked to stop (Ctrl-C, SIGTERM or a closed terminal); everything was cleaned up before this is thrown. */
export class InterruptedError extends EvenkeelError {
  override name = 'InterruptedError';
  constructor() {
    super('interrupted', { exitCode: ExitCode.interrupted });
  }
}

/** The error with another path in its texts, because what they name has moved. */
export function afterMove(error: unknown, from: string, to: string): unknown {
  if (!(error instanceof EvenkeelError) || error instanceof InterruptedError) return error;
  const moved = (text: string) => text.replaceAll(from, to);
  return new EvenkeelError(moved(error.message), {
    cause: error,
    hints: error.hints.map(moved),
    exitCode: error.exitCode,
  });
}
