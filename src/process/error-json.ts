import {
  EvenkeelError,
  ExitCode,
  type Fields,
  type FieldValue,
  isPlainObject,
  maxCauses,
} from './errors.js';

/**
 * An error as JSON, so that it crosses from one machine or process to another with all its facts.
 * (error-json-schema.ts validates it. The agent on the emulated host, which only writes it, is smaller without.)
 */
export interface ErrorJson {
  readonly name: string;
  readonly message: string;
  readonly hints: readonly string[];
  readonly exitCode: number;
  readonly fields: Fields;
  readonly cause?: ErrorJson | undefined;
  /** Only of an error that is no EvenkeelError: what finds a bug. */
  readonly stack?: string | undefined;
}

/** @param error what was thrown; anything but an Error becomes one with its text as the message */
export function errorToJson(error: unknown, depth = maxCauses): ErrorJson {
  if (!(error instanceof Error)) return errorToJson(new Error(String(error)), depth);
  const { name, message } = error;
  const cause =
    error.cause === undefined || depth === 0 ? {} : { cause: errorToJson(error.cause, depth - 1) };
  if (error instanceof EvenkeelError) {
    const { hints, exitCode, fields } = error;
    return { name, message, hints, exitCode, fields, ...cause };
  }
  return {
    ...{ name, message, hints: [], exitCode: ExitCode.failure, fields: factsOf(error), ...cause },
    stack: error.stack ?? `${name}: ${message}`,
  };
}

/**
 * The error that `errorToJson` was given. Its class is EvenkeelError where it was that or one derived from it,
 * else Error; its name is that of the class it had.
 */
export function errorFromJson(json: ErrorJson): Error {
  const { name, message, hints, exitCode, fields, stack } = json;
  const cause = json.cause === undefined ? undefined : errorFromJson(json.cause);
  if (stack === undefined) {
    return Object.assign(new EvenkeelError(message, { cause, hints, exitCode, fields }), { name });
  }
  const error = new Error(message, cause === undefined ? undefined : { cause });
  return Object.assign(error, fields, { name, stack });
}

/** What an error of the runtime or of a library says besides its message: code, syscall, path. */
function factsOf(error: Error): Fields {
  const facts: [string, FieldValue][] = [];
  for (const [name, value] of Object.entries(error)) {
    if (name !== 'name' && isFieldValue(value)) facts.push([name, value]);
  }
  return Object.fromEntries(facts);
}

function isFieldValue(value: unknown): value is FieldValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isFieldValue);
  return isPlainObject(value) && Object.values(value).every(isFieldValue);
}
