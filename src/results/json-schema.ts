import { z } from 'zod';
import { compareResultSchema } from './schema.js';

/** The JSON Schema of a result, for editors and for programs in other languages. */
export function compareResultJsonSchema() {
  const { $schema, ...schema } = z.toJSONSchema(compareResultSchema);
  return { $schema, $id: 'urn:evenkeel:compare:1', title: 'Evenkeel comparison result', ...schema };
}
