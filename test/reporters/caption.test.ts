import { expect, test } from 'vitest';
import { captionLines } from '../../src/reporters/caption.js';
import { comparisonOfTwo } from './comparison-of-two.js';

test('captionLines tells the conditions and whose figures the paper columns are', async () => {
  const lines = captionLines(await comparisonOfTwo());
  expect(lines[0]).toBe(
    'Clock: instructions, 2 ns each. Seeds: 1, 2. 4 requests per seed. Host CPUs: 2. VMs: 1 RT, 2 heavy.',
  );
  expect(lines.at(-1)).toMatch(/^Paper: .*IEEE Access 2018.*measured on hardware/);
});

test('captionLines says where RT servers run that have no VM', async () => {
  const result = await comparisonOfTwo();
  const environment = { ...result.environment, rtServer: 'namespace' } as const;
  expect(captionLines({ ...result, environment })[0]).toMatch(
    /RT servers: 1 \(namespace\)\. VMs: 2 heavy\.$/,
  );
});

test("captionLines says which kernel the VMs have if it is not of the host's series", async () => {
  const result = await comparisonOfTwo();
  expect(captionLines(result).join('\n')).not.toContain('Kernel of the VMs');
  const { environment } = result;
  const versions = { ...environment.versions, 'guest kernel': '6.1.176-1' };
  const other = { ...environment, guestKernel: 'oldstable', versions } as const;
  expect(captionLines({ ...result, environment: other })).toContain(
    'Kernel of the VMs: oldstable, 6.1.176-1.',
  );
});

test('captionLines says which percentiles are not shown, and why', async () => {
  const result = await comparisonOfTwo();
  const withResponses = (value: number) =>
    captionLines({
      ...result,
      methods: result.methods.map((method) => {
        const { wire } = method.sections;
        if (wire === undefined) throw new Error('the runs have captures');
        const summary = { ...wire.summary, n: { value, ci95: null } };
        return { ...method, sections: { ...method.sections, wire: { ...wire, summary } } };
      }),
    }).join('\n');
  expect(withResponses(800)).toContain(
    '"-" for p99, p99.9: fewer than 10 responses are at or above it',
  );
  expect(withResponses(5000)).toContain('\n"-" for p99.9: ');
  expect(withResponses(10_000)).not.toContain('too few to tell');
});

test('captionLines mentions neither intervals nor a rate where there are none', async () => {
  const { methods, ...rest } = await comparisonOfTwo();
  const clock = { kind: 'hardware', nsPerInstruction: null } as const;
  const text = captionLines({ ...rest, clock, methods: methods.slice(1) }).join('\n');
  expect(text).toMatch(/^Clock: hardware\. Seeds: 1\./);
  expect(text).not.toContain('[lo, hi]');
});
