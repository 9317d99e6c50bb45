/** Process exit statuses of the CLI. */
export const ExitCode = { ok: 0, findings: 1, failure: 2, interrupted: 130 } as const;

/** A fact about a failure, as JSON has values. */
export type FieldValue =
  | null
  | boolean
  | number
  | string
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue };

/** Facts about a failure by their names: a command, its exit status, a path, a log's file. */
export type Fields = { readonly [name: string]: FieldValue };

export interface ErrorFacts {
  readonly cause?: unknown;
  readonly hints?: readonly string[];
  readonly exitCode?: number;
  /** What is undefined is left out. */
  readonly fields?: { readonly [name: string]: FieldValue | undefined };
}

/**
 * A failure that is understood: what failed, why, and what to do next.
 * The CLI prints it without a stack; any other error is a bug and is printed with one.
 */
export class EvenkeelError extends Error {
  override name = 'EvenkeelError';
  /** What the user can do next, one sentence each. */
  readonly hints: readonly string[];
  readonly exitCode: number;
  /** The facts that the texts are made of. */
  readonly fields: Fields;

  constructor(message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.hints = facts.hints ?? [];
    this.exitCode = facts.exitCode ?? ExitCode.failure;
    const known = Object.entries(facts.fields ?? {}).filter(([, value]) => value !== undefined);
    this.fields = Object.fromEntries(known) as Fields;
  }
}

/** The user asked to stop (Ctrl-C, SIGTERM or a closed terminal); everything was cleaned up before this is thrown. */
export class InterruptedError extends EvenkeelError {
  override name = 'InterruptedError';
  constructor() {
    super('interrupted', { exitCode: ExitCode.interrupted });
  }
}

/** No chain of causes is longer; what lies deeper is left out. */
export const maxCauses = 16;

/** The causes of an error that are errors themselves, the nearest one first. */
export function causesOf(error: Error): Error[] {
  const causes: Error[] = [];
  let { cause } = error;
  while (cause instanceof Error && causes.length < maxCauses) {
    causes.push(cause);
    cause = cause.cause;
  }
  return causes;
}

/** The same error, of the same class and with the same facts, with these hints instead of its own. */
export function withHints<E extends EvenkeelError>(error: E, hints: readonly string[]): E {
  return copyOf(error, { hints });
}

/** The same error, of the same class and with the same facts, with another message. */
export function withMessage<E extends EvenkeelError>(error: E, message: string): E {
  return copyOf(error, { message });
}

/**
 * The error with another path in its texts and facts, and in those of its causes, because what they name has
 * moved. Anything but an EvenkeelError is returned as it is.
 */
export function afterMove(error: unknown, from: string, to: string): unknown {
  if (!(error instanceof EvenkeelError) || error instanceof InterruptedError) return error;
  return moved(error, (text) => text.replaceAll(from, to), maxCauses);
}

function moved<E extends Error>(error: E, move: (text: string) => string, depth: number): E {
  const facts = movedValue({ ...error }, move) as object;
  const { cause } = error;
  const movedCause = depth > 0 && cause instanceof Error ? moved(cause, move, depth - 1) : cause;
  return copyOf(error, { ...facts, message: move(error.message), cause: movedCause });
}

function movedValue(value: unknown, move: (text: string) => string): unknown {
  if (typeof value === 'string') return move(value);
  if (Array.isArray(value)) return value.map((one) => movedValue(one, move));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, movedValue(one, move)]),
  );
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Properties that a copy is to have instead of those of the original. */
interface Changes {
  readonly message?: string;
  readonly [name: string]: unknown;
}

/** A copy that keeps the class and every property that is not changed; the stack is the original's. */
function copyOf<E extends Error>(error: E, changes: Changes): E {
  // Made by the constructor, because the runtime takes nothing else for an error.
  const copy = new Error();
  const { message = error.message } = changes;
  const stack = error.stack?.replace(error.message, () => message);
  const properties: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(error);
  for (const [name, value] of Object.entries({ ...changes, message, stack })) {
    const { enumerable = false } = properties[name] ?? {};
    properties[name] = { configurable: true, writable: true, enumerable, value };
  }
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error));
  return Object.defineProperties(copy, properties) as E;
}
