import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandError } from '../../src/process/command.js';
import { type ErrorJson, errorFromJson, errorToJson } from '../../src/process/error-json.js';
import { errorJsonSchema } from '../../src/process/error-json-schema.js';
import { EvenkeelError, type Fields, maxCauses } from '../../src/process/errors.js';

/** As the lab gets it from an agent: as a line of text, validated. */
function received(error: unknown): Error {
  const line = JSON.stringify(errorToJson(error));
  return errorFromJson(errorJsonSchema.parse(JSON.parse(line)));
}

/** JSON has no -0, and an object cannot be written with a name of its prototype. */
const fieldValue = fc
  .jsonValue()
  .map((value) => JSON.parse(JSON.stringify(value)))
  .filter((value) => !JSON.stringify(value).includes('__proto__'));
const facts = fc.record({
  message: fc.string({ unit: 'binary' }),
  hints: fc.array(fc.string()),
  exitCode: fc.integer({ min: 0, max: 255 }),
  fields: fc.dictionary(
    fc.string().filter((name) => name !== '__proto__'),
    fieldValue,
    { noNullPrototype: true },
  ),
});

/** Everything that an error has to say, of it and its causes. */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, cause } = error;
  const { hints, exitCode, fields } = error as Partial<EvenkeelError>;
  return { name, message, hints, exitCode, fields, cause: told(cause) };
}

test('what is sent arrives with all its facts, and so do its causes', () => {
  fc.assert(
    fc.property(fc.array(facts, { minLength: 1, maxLength: 4 }), (chain) => {
      const error = chain.reduce<EvenkeelError | undefined>(
        (cause, { message, ...rest }) =>
          new EvenkeelError(message, { ...rest, fields: rest.fields as Fields, cause }),
        undefined,
      );
      const arrived = received(error);
      expect(arrived).toBeInstanceOf(EvenkeelError);
      expect(told(arrived)).toEqual(told(error));
    }),
  );
});

test('an error of a class of its own arrives with its name and its facts', () => {
  const error = new CommandError(['cat'], { why: 'exit status 1', exitStatus: 1, output: 'no' });
  const arrived = received(error);
  expect(arrived).toBeInstanceOf(EvenkeelError);
  expect(told(arrived)).toEqual(told(error));
});

test('an error that is not understood arrives with its stack, and what else it says', () => {
  const bug = Object.assign(new TypeError('no x', { cause: new Error('why') }), {
    ...{ code: 'E1', status: Number.NaN, call: () => 0, list: [1, { a: null }] },
  });
  const arrived = received(bug);
  expect(arrived).not.toBeInstanceOf(EvenkeelError);
  const { name, message, stack } = bug;
  expect(arrived).toMatchObject({ name, message, stack, code: 'E1', list: [1, { a: null }] });
  expect(arrived).not.toHaveProperty('status');
  expect(arrived.cause).toMatchObject({ message: 'why' });
});

test('anything can be thrown', () => {
  expect(received('help').message).toBe('help');
  expect(received(undefined).message).toBe('undefined');
});

test('causes that go round have an end', () => {
  const error = new EvenkeelError('round');
  error.cause = error;
  let json: ErrorJson | undefined = errorToJson(error);
  let length = 0;
  for (; json !== undefined; json = json.cause) length += 1;
  expect(length).toBe(maxCauses + 1);
});
