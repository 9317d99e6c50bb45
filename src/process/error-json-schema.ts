import { z } from 'zod';
import type { ErrorJson } from './error-json.js';
import type { FieldValue } from './errors.js';

const fieldValueSchema: z.ZodType<FieldValue> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    z.number(),
    z.string(),
    z.array(fieldValueSchema),
    z.record(z.string(), fieldValueSchema),
  ]),
);

/** What `errorToJson` has written. */
export const errorJsonSchema: z.ZodType<ErrorJson> = z.lazy(() =>
  z.strictObject({
    name: z.string(),
    message: z.string(),
    hints: z.array(z.string()),
    exitCode: z.int(),
    fields: z.record(z.string(), fieldValueSchema),
    cause: errorJsonSchema.optional(),
    stack: z.string().optional(),
  }),
);
