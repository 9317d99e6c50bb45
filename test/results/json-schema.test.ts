import { expect, test } from 'vitest';
import { compareResultJsonSchema } from '../../src/results/json-schema.js';

test('the JSON Schema names itself and is closed', () => {
  expect(compareResultJsonSchema()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:evenkeel:compare:1',
    title: expect.any(String),
    type: 'object',
    additionalProperties: false,
    properties: { schema: { const: 'evenkeel.compare/1' } },
  });
});
