import { beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../cli.js';

const pathOf = (name: string) => new URL(name, import.meta.url).pathname;

/** The guests' kernels, as --guest-kernel has them. */
const { EVENKEEL_GUEST_KERNELS: guestKernels = 'backports' } = process.env;

describe.each(guestKernels.split(','))('with the guest kernel %s', (kernel) => {
  /** Outcome by case. */
  let native: Map<string, string>;
  let outsourced: Map<string, string>;

  beforeAll(async () => {
    [native, outsourced] = await Promise.all([
      outcomes('threaded', kernel),
      outcomes('outsourcing', kernel),
    ]);
  });

  test('both ran all cases', () => {
    expect(native.size).toBeGreaterThan(90);
    expect([...outsourced.keys()]).toEqual([...native.keys()]);
  });

  test('what comes from outside to an idle guest is received as by a native socket', () => {
    expect(outsourced).toEqual(native);
  });
});

/** Runs all cases in a guest. */
async function outcomes(method: string, kernel: string): Promise<Map<string, string>> {
  const { stdout } = await runCli(
    [
      ...['lab', 'exec', '--method', method, '--guest-kernel', kernel],
      ...['--guest-packages', 'python3-minimal,libpython3-stdlib'],
      ...['--copy', pathOf('arrivals-guest.py'), '--copy', pathOf('arrivals-outside.py')],
      ...['--outside', pathOf('arrivals-outside.sh'), '--', 'python3', 'arrivals-guest.py'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Map(stdout.split('\n').map((line) => line.split('\t', 2) as [string, string]));
}
