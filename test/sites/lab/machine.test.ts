import { describe, expect, test } from 'vitest';
import { methodById } from '../../../src/methods/catalogue.js';
import { type ClockMode, icountShift } from '../../../src/plan/clock.js';
import { defaultConditions } from '../../../src/plan/conditions.js';
import type { AgentJob } from '../../../src/plan/job.js';
import { allLinks } from '../../../src/plan/topology.js';
import { type Machine, machineCommand } from '../../../src/sites/lab/machine.js';

const mebibyte = 2 ** 20;
const conditions = { ...defaultConditions, hostCpus: 3, rtVms: 2, heavyVms: 2 };
const job: AgentJob = {
  kind: 'command',
  method: methodById('threaded'),
  conditions,
  command: ['true'],
};
const machine: Machine = {
  emulator: ['/lab/qemu', '-L', '/lab/firmware'],
  clock: 'instructions',
  seed: 17,
  hostMemoryMiB: 2048,
  kernel: '/lab/vmlinux',
  initramfs: '/lab/initramfs',
  hostRoot: { file: '/lab/root', sizeBytes: 600 * mebibyte },
  artifacts: { file: '/run/artifacts', sizeBytes: 64 * mebibyte },
  job,
  jobFile: '/run/job',
  ports: {
    console: '/run/console',
    events: '/run/events',
    stdout: '/run/stdout',
    stderr: '/run/stderr',
  },
};

/** What follows each occurrence of an option. */
function values(option: string, change: Partial<Machine> = {}): (string | undefined)[] {
  const command = machineCommand({ ...machine, ...change });
  return command.flatMap((text, index) => (text === option ? [command[index + 1]] : []));
}

test('starts the given emulator with the given files', () => {
  expect(machineCommand(machine).slice(0, 3)).toEqual(machine.emulator);
  expect(values('-kernel')).toEqual(['/lab/vmlinux']);
  expect(values('-initrd')).toEqual(['/lab/initramfs']);
  expect(values('-fw_cfg')).toEqual(['name=opt/evenkeel/job,file=/run/job']);
});

describe('the clock', () => {
  test('of instructions: icount on one thread, with a given start of time and of randomness', () => {
    expect(values('-accel')).toEqual(['tcg,thread=single']);
    expect(values('-icount')).toEqual([`shift=${icountShift},sleep=off`]);
    expect(values('-rtc')).toEqual([expect.stringMatching(/^base=\d{4}-\d\d-\d\d,clock=vm$/)]);
    expect(values('-seed')).toEqual(['17']);
    expect(values('-cpu')).toEqual(['EPYC,+svm,+npt']);
  });

  test.each<[ClockMode, string, string]>([
    ['wall', 'tcg,thread=multi', 'EPYC,+svm,+npt'],
    ['kvm', 'kvm', 'host'],
  ])('on %s: no icount, and the real time', (clock, accelerator, cpu) => {
    expect(values('-accel', { clock })).toEqual([accelerator]);
    expect(values('-cpu', { clock })).toEqual([cpu]);
    expect(values('-icount', { clock })).toEqual([]);
    expect(values('-rtc', { clock })).toEqual([]);
  });
});

describe('the CPUs', () => {
  test('are those of the host and one for the outside', () => {
    expect(values('-smp')).toEqual(['4']);
  });

  test('poll when they are idle, unless they are threads on the wall clock', () => {
    const polls = (clock: ClockMode) => values('-append', { clock })[0]?.includes('idle=poll');
    expect(polls('instructions')).toBe(true);
    expect(polls('kvm')).toBe(true);
    expect(polls('wall')).toBe(false);
  });

  test('of the host take the interrupts; the outside is isolated', () => {
    const [kernelArguments = ''] = values('-append');
    expect(kernelArguments.split(' ')).toEqual(
      expect.arrayContaining(['isolcpus=domain,managed_irq,3', 'irqaffinity=0-2', 'idle=poll']),
    );
  });
});

describe('the NVDIMMs', () => {
  test('are the root, which stays as it is, and the artifacts, which are written', () => {
    expect(values('-object')).toEqual([
      `memory-backend-file,id=root,mem-path=/lab/root,size=${600 * mebibyte},share=off`,
      `memory-backend-file,id=artifacts,mem-path=/run/artifacts,size=${64 * mebibyte},share=on`,
    ]);
    expect(values('-device').slice(0, 2)).toEqual([
      'nvdimm,id=nvdimm-root,memdev=root',
      'nvdimm,id=nvdimm-artifacts,memdev=artifacts',
    ]);
  });

  test('have the disk of a guest third, as the agent expects it', () => {
    const guestDisk = { file: '/lab/guest', sizeBytes: 100 * mebibyte };
    expect(values('-object', { guestDisk })[2]).toBe(
      `memory-backend-file,id=guest,mem-path=/lab/guest,size=${100 * mebibyte},share=off`,
    );
    expect(values('-device', { guestDisk })[2]).toBe('nvdimm,id=nvdimm-guest,memdev=guest');
  });

  test('have the same disk for the outside fourth, and keep apart what is written to them', () => {
    const disk = { file: '/lab/guest', sizeBytes: 100 * mebibyte };
    expect(values('-object', { guestDisk: disk, outsideRoot: disk }).slice(2)).toEqual(
      ['guest', 'outside'].map(
        (id) => `memory-backend-file,id=${id},mem-path=/lab/guest,size=${100 * mebibyte},share=off`,
      ),
    );
  });

  test.each([undefined, { file: '/lab/guest', sizeBytes: 5000 * mebibyte }])(
    'have a slot each and room for all: %o',
    (guestDisk) => {
      const images = [machine.hostRoot, machine.artifacts, ...(guestDisk ? [guestDisk] : [])];
      const [memory = ''] = values('-m', guestDisk && { guestDisk });
      const [, ram, slots, maximum] = /^(\d+)M,slots=(\d+),maxmem=(\d+)M$/.exec(memory) ?? [];
      expect(Number(ram)).toBe(machine.hostMemoryMiB);
      expect(Number(slots)).toBe(images.length);
      const bytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      expect(Number(maximum)).toBeGreaterThanOrEqual(
        machine.hostMemoryMiB + Math.ceil(bytes / mebibyte),
      );
    },
  );
});

describe('the network', () => {
  test('has an e1000e on both ends of each link', () => {
    const nics = values('-device').filter((device) => !device?.startsWith('nvdimm'));
    const ends = nics.map((nic = '') => [
      nic.split(',', 1)[0],
      /,netdev=(\w+)/.exec(nic)?.[1],
      /,mac=([\w:]+)/.exec(nic)?.[1],
    ]);
    expect(ends).toEqual(
      allLinks(conditions).flatMap(({ hostMac, clientMac }, hub) => [
        ['e1000e', `host${hub}`, hostMac],
        ['e1000e', `client${hub}`, clientMac],
      ]),
    );
    expect(values('-netdev')).toEqual(
      [0, 1, 2].flatMap((hub) => [
        `hubport,id=host${hub},hubid=${hub}`,
        `hubport,id=client${hub},hubid=${hub}`,
      ]),
    );
  });

  test('is captured at the wire of the RT network, if at all', () => {
    expect(values('-object', { capture: '/run/rt.pcap' })).toContain(
      'filter-dump,id=wire,netdev=host0,file=/run/rt.pcap',
    );
    expect(machineCommand(machine).join(' ')).not.toContain('filter-dump');
  });
});

test.each<ClockMode>(['instructions', 'wall', 'kvm'])(
  'no device works outside the vCPU threads: %s',
  (clock) => {
    const guestDisk = { file: '/lab/guest', sizeBytes: mebibyte };
    const command = machineCommand({ ...machine, clock, guestDisk, capture: '/run/rt.pcap' });
    expect(command).toContain('-nodefaults');
    expect(command.join(' ')).not.toMatch(/virtio|vhost|-drive|-blockdev|iothread/);
  },
);

test('a model of the caches sees the CPUs of the host, and writes where it is told', () => {
  const caches = {
    own: { bytes: 2 ** 18, ways: 4 },
    shared: { bytes: 2 ** 23, ways: 16 },
    lineBytes: 64,
  };
  const cacheModel = { plugin: '/lab/cache-model.so', caches, counts: '/run/a,b' };
  expect(values('-plugin', { cacheModel })).toEqual([
    'file=/lab/cache-model.so,out=/run/a,,b,cpus=3,own=262144:4,shared=8388608:16,line=64',
  ]);
  expect(values('-plugin')).toEqual([]);
});

describe('the serial ports', () => {
  test('go to files', () => {
    expect(values('-serial')).toEqual([
      'file:/run/console',
      'file:/run/events',
      'file:/run/stdout',
      'file:/run/stderr',
    ]);
  });

  test('have a socket in the place of stdout for a shell', () => {
    const ports = { ...machine.ports, terminal: '/run/terminal' };
    expect(values('-serial', { ports })).toEqual([
      'file:/run/console',
      'file:/run/events',
      'unix:/run/terminal,server=on,wait=on',
      'file:/run/stderr',
    ]);
  });
});
