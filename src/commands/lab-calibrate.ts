import { Command } from 'commander';
import { ExitCode } from '../process/errors.js';
import { formatJson } from '../process/json.js';
import { calibrate } from '../sites/lab/calibrate.js';
import { startSession } from './session.js';
import { addTestbedOptions, conditionsOf, type TestbedFlags } from './testbed-options.js';

export function labCalibrateCommand(): Command {
  const command = new Command('calibrate')
    .summary('check that the emulated CPUs are cores of equal and constant speed')
    .description(
      'Measures the idle response time, in instructions of a CPU, on one, two and three host CPUs, and ' +
        'next to a busy loop on another CPU. Fails if they differ by more than a tenth.',
    )
    .option('--json', 'print the measurements as JSON');
  // Its points say how many CPUs and VMs there are, and only the instruction clock can be calibrated.
  return addTestbedOptions(command, {}, [
    'hostCpus',
    'rtVms',
    'heavyVms',
    'rtServer',
    'requests',
    'paper',
    'clock',
    'accel',
  ])
    .addHelpText('after', '\nExample:\n  evenkeel lab calibrate')
    .action(async (flags: Partial<TestbedFlags> & { json?: boolean }) => {
      const { labBuilder, progress, signal } = startSession();
      const conditions = conditionsOf({ ...flags, heavyVms: 0 });
      const checks = await calibrate(labBuilder(), conditions, progress, signal);
      if (flags.json) {
        process.stdout.write(formatJson({ schema: 'evenkeel.calibration/1', checks }));
      } else {
        for (const { name, points, spread, passed } of checks) {
          process.stdout.write(
            `${passed ? 'ok' : 'FAILED'}: ${name} (spread ${(spread * 100).toFixed(1)} %)\n`,
          );
          for (const point of points) {
            process.stdout.write(
              `  ${point.name}: ${Math.round(point.instructions)} instructions\n`,
            );
          }
        }
      }
      if (checks.some(({ passed }) => !passed)) process.exitCode = ExitCode.findings;
    });
}
