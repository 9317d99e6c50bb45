import { describe, expect, test } from 'vitest';
import { resultJsonSchema, resultSchema } from '../../src/results/schema.js';
import { analyzed } from './analyzed.js';

describe('the schema of a result', () => {
  test('takes what analysis makes of runs, and no other member anywhere', async () => {
    const result = await analyzed([{}]);
    expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
    const [method] = result.methods;
    for (const wrong of [
      { ...result, more: 1 },
      { ...result, methods: [] },
      { ...result, methods: [{ ...method, more: 1 }] },
      { ...result, methods: [{ ...method, runs: [] }] },
      { ...result, methods: [{ ...method, sections: { ...method?.sections, more: {} } }] },
      { ...result, schema: 'evenkeel.result/2' },
    ]) {
      expect(resultSchema.safeParse(wrong).success).toBe(false);
    }
  });

  test('lets a method be without any of its sections', async () => {
    const result = await analyzed([{}]);
    const methods = result.methods.map((method) => ({ ...method, sections: {} }));
    expect(resultSchema.safeParse({ ...result, methods }).success).toBe(true);
  });

  test('as JSON Schema names itself, is closed, and has each section', () => {
    const schema = resultJsonSchema();
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'urn:evenkeel:result:1',
      title: expect.any(String),
      type: 'object',
      additionalProperties: false,
      properties: { schema: { const: 'evenkeel.result/1' } },
    });
    const text = JSON.stringify(schema);
    for (const section of ['wire', 'throughput', 'cpu', 'path', 'inversions', 'caches']) {
      expect(text).toContain(`"${section}":{`);
    }
  });
});
