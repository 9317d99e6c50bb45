import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const kernelFolder = fileURLToPath(new URL('../../kernel/', import.meta.url));

/** As dkms(8) reads the file: what it builds for a kernel, nothing where it leaves the kernel out. */
async function builtFor(kernel: string): Promise<string[]> {
  const script = `. ./dkms.conf; [[ $kernelver =~ $BUILD_EXCLUSIVE_KERNEL ]] && printf '%s\\n' "\${BUILT_MODULE_NAME[@]}"; true`;
  const { stdout } = await run('bash', ['-c', script], {
    cwd: kernelFolder,
    env: { ...process.env, kernelver: kernel },
  });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

const forGuests = ['ek_guest', 'ek_probe', 'ek_softirq'];

test.each([
  ['5.10.0-34-amd64', []],
  ['6.0.0-6-amd64', []],
  ['6.1.0-50-amd64', forGuests],
  ['6.10.11-amd64', forGuests],
  ['6.11.10-rt-amd64', forGuests],
  ['6.12.117+deb13-amd64', ['ek_guest', 'ek_host', 'ek_probe', 'ek_softirq']],
  ['7.3.4+deb13-rt-amd64', ['ek_guest', 'ek_host', 'ek_probe', 'ek_softirq']],
  ['10.0.1-amd64', ['ek_guest', 'ek_host', 'ek_probe', 'ek_softirq']],
])('dkms builds for %s what Kbuild compiles there', async (kernel, modules) => {
  expect(await builtFor(kernel)).toEqual(modules);
});
