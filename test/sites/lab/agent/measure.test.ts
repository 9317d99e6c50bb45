import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunSpec } from '../../../../src/plan/run-spec.js';
import { EvenkeelError } from '../../../../src/process/errors.js';
import { measure } from '../../../../src/sites/lab/agent/measure.js';
import { defaultWorkload } from '../../../../src/workloads/registry.js';
import { FakeHost } from '../../../host/fake-host.js';
import type { FakeProgram } from '../../../host/fake-program.js';
import { syntheticSpec } from '../../../synthetic-run.js';

// Bulk traffic takes a second to reach its speed.
vi.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }));

const artifactsFolder = '/run/artifacts';
const counting = '/sys/module/ek_mark/parameters/counting';
const tracing = '/sys/kernel/tracing';
const conditions = { ...syntheticSpec.conditions, rtVms: 2, heavyVms: 2 };
const spec: RunSpec = {
  ...syntheticSpec,
  conditions,
  workload: defaultWorkload,
  instruments: [
    ...[{ name: 'wire' }, { name: 'throughput' }, { name: 'caches' }, { name: 'cpu' }],
    { name: 'inversions', nics: ['rtnic'], lowestPriority: 47 },
  ],
};
const hostScript = { name: 'host-script', text: '#!/bin/sh\n' };
let host: FakeHost;

beforeEach(() => {
  const traceFiles = [
    ...['trace_clock', 'buffer_size_kb', 'trace_options', 'kprobe_events', 'tracing_cpumask'],
    ...['tracing_on', 'trace', 'events/irq/softirq_entry/filter', 'events/irq/softirq_exit/filter'],
    ...['events/irq/softirq_entry/enable', 'events/irq/softirq_exit/enable', 'events/ek/enable'],
    ...['events/sched/sched_switch/enable', 'events/napi/napi_poll/enable'],
    ...['events/sched/sched_pi_setprio/enable', 'events/lock/contention_begin/enable'],
    ...['events/lock/contention_end/enable', 'events/lock/contention_begin/trigger'],
  ].map((name) => [`${tracing}/${name}`, '']);
  host = new FakeHost([], {
    ...Object.fromEntries(traceFiles),
    ...{ [counting]: '0\n', '/proc/interrupts': '' },
  });
  host.programs.set('sh', () => 'cpu0 0 0 0 0 0 0 0 0 0 0\n');
  host.onStart = behave();
});

type Behaviour = Readonly<Record<string, (program: FakeProgram) => void>>;

/** Senders end when they are told to, clients have a window each, unless `others` says something else. */
function behave(others: Behaviour = {}): (program: FakeProgram) => void {
  const windows = [
    ['2000', '5000'],
    ['1000', '4000'],
  ];
  const usual: Behaviour = {
    'heavy-sender': (program) => {
      program.statusOnSigterm = 0;
    },
    'rt-client': (program) => {
      const [startNs, endNs] = windows.shift() ?? [];
      host.files.set(program.outputFile, JSON.stringify({ startNs, endNs }));
      program.end(0);
    },
    'host-script': (program) => {
      program.statusOnSigterm = 0;
      host.files.set(program.logFile, 'ready\n');
    },
  };
  return (program) => {
    const line = program.command.join(' ');
    const name = [...Object.keys(usual), 'while'].find((one) => line.includes(one)) ?? line;
    (others[name] ?? usual[name])?.(program);
  };
}

function run(changes: Partial<RunSpec> = {}) {
  const layout = { cpus: [0, 1], rtNics: ['rtnic'], rtVms: [], rtServers: [], heavyVms: [] };
  const changed = { ...spec, ...changes };
  return measure({ host, layout, size: changed.conditions, artifactsFolder }, changed);
}

/** What the host was told, in short words, from the first sender on. */
function order(): string[] {
  const words: [pattern: RegExp, word: string][] = [
    [/^start .*heavy-sender/, 'sender starts'],
    [/^SIG.*heavy-sender/, 'sender is stopped'],
    [/^start .*rt-client/, 'client starts'],
    [/^SIG.*rt-client/, 'client is stopped'],
    [/^start .*host-script/, 'script starts'],
    [/^SIG.*host-script/, 'script is stopped'],
    [/tracing_on = 1/, 'tracing starts'],
    [/tracing_on = 0/, 'tracing stops'],
    [/create .*trace\.txt/, 'trace is saved'],
    [/^sh -c grep -sH .* cat \/proc\/stat/, 'CPU time is read'],
    [/create .*proc-stat\.before/, 'CPU time is saved'],
    [/counting = 1/, 'counting starts'],
    [/counting = 0/, 'counting stops'],
  ];
  const said = host.told.flatMap(
    (line) => words.find(([pattern]) => pattern.test(line))?.[1] ?? [],
  );
  return said.slice(said.findIndex((word) => word.endsWith(' starts')));
}

function running(): string[] {
  return host.started
    .filter((program) => program.status() === undefined)
    .map(({ command }) => command.join(' '));
}

function failWith(status: number, text: string) {
  return (program: FakeProgram) => {
    host.files.set(program.logFile, `${text}\n`);
    program.end(status);
  };
}

function refuse(): never {
  throw new EvenkeelError('cannot start it');
}

describe('a measurement', () => {
  test('starts senders, instruments and clients in order, and stops them in the opposite one', async () => {
    await run();
    expect(order()).toEqual([
      ...['sender starts', 'sender starts'],
      ...['tracing starts', 'CPU time is read', 'counting starts'],
      ...['client starts', 'client starts'],
      ...['counting stops', 'CPU time is read', 'tracing stops'],
      ...['sender is stopped', 'sender is stopped', 'CPU time is saved', 'trace is saved'],
    ]);
    expect(running()).toEqual([]);
  });

  test('prepares instruments before there is any load, with what was written on the disk', async () => {
    await run();
    const at = (text: string) => host.told.findIndex((line) => line.includes(text));
    expect(at('sync')).toBe(0);
    const firstSender = at('start ip netns exec client-heavy0');
    expect(firstSender).toBeGreaterThan(0);
    for (const text of ['load ek_mark', 'tracing_cpumask = 3']) {
      expect(at(text)).toBeGreaterThan(0);
      expect(at(text)).toBeLessThan(firstSender);
    }
  });

  test('is from the first request of all clients to the last answer', async () => {
    expect(await run()).toEqual({ startNs: 1000n, endNs: 5000n });
  });

  test('has a client for each server, outside, in its place, with intervals of its own', async () => {
    await run();
    const clients = host.started.filter(({ command }) => command.join().includes('rt-client'));
    expect(clients.map(({ command }) => command.slice(0, 10).join(' '))).toEqual(
      Array.from({ length: 2 }, () =>
        'ip netns exec client-rt taskset --cpu-list 2 chrt --fifo 60'.split(' ').join(' '),
      ),
    );
    const seeds = clients.map(({ command }) => Number(command.at(-4)));
    expect(seeds).toEqual([1, 1 + 0x9e3779b1]);
    expect(clients.map(({ command }) => command.at(-6))).toEqual(['10.0.0.2', '10.0.0.3']);
  });

  test('without instruments that record has none', async () => {
    await run({ instruments: [{ name: 'wire' }] });
    expect(order()).not.toContain('tracing starts');
    expect(running()).toEqual([]);
  });

  test('has a CPU that is busy all the time, if it is asked for', async () => {
    await run({ conditions: { ...conditions, busyCpu: 1 } });
    const [first] = host.started;
    expect(first?.command.slice(0, 3)).toEqual(['taskset', '--cpu-list', '1']);
    expect(host.told.at(-1)).toMatch(/^SIGTERM taskset --cpu-list 1 /);
    expect(running()).toEqual([]);
  });

  test('begins when the script of the user is ready, and tells it the end', async () => {
    await run({ instruments: [...spec.instruments, hostScript] });
    expect(order().slice(2, 4)).toEqual(['script starts', 'tracing starts']);
    expect(order().slice(-6, -3)).toEqual([
      ...['tracing stops', 'script is stopped', 'sender is stopped'],
    ]);
    expect(running()).toEqual([]);
  });
});

describe('after a failure, nothing goes on', () => {
  test('a sender cannot be started', async () => {
    let senders = 0;
    host.onStart = behave({
      'heavy-sender': () => {
        senders += 1;
        if (senders === 2) refuse();
      },
    });
    await expect(run({ conditions: { ...conditions, busyCpu: 1 } })).rejects.toThrow(
      'cannot start it',
    );
    expect(host.started).toHaveLength(2);
    expect(running()).toEqual([]);
  });

  test('an instrument cannot be prepared', async () => {
    host.files.delete(`${tracing}/trace_clock`);
    await expect(run()).rejects.toThrow('trace_clock');
    expect(host.started).toEqual([]);
  });

  test('an instrument cannot be started: those before it are stopped', async () => {
    host.files.delete(counting);
    await expect(run()).rejects.toThrow(counting);
    expect(order().slice(2, 6)).toEqual([
      ...['tracing starts', 'CPU time is read', 'CPU time is read', 'tracing stops'],
    ]);
    expect(order()).not.toContain('client starts');
    expect(running()).toEqual([]);
  });

  test('a client fails: it says why, and the other one is stopped', async () => {
    let clients = 0;
    host.onStart = behave({
      'rt-client': (program) => {
        clients += 1;
        if (clients === 1) failWith(1, 'no route to host')(program);
      },
    });
    await expect(run()).rejects.toMatchObject({
      message: 'an RT client failed: no route to host',
      fields: { exitStatus: 1, logFile: `${artifactsFolder}/rt-client-0.log` },
    });
    expect(order().slice(-6, -3)).toEqual(['counting stops', 'CPU time is read', 'tracing stops']);
    expect(order()).not.toContain('trace is saved');
    expect(running()).toEqual([]);
  });

  test('a client cannot be started', async () => {
    host.onStart = behave({ 'rt-client': refuse });
    await expect(run()).rejects.toThrow('cannot start it');
    expect(order().slice(-5, -2)).toEqual(['counting stops', 'CPU time is read', 'tracing stops']);
    expect(running()).toEqual([]);
  });

  test('a client says nothing that could be read', async () => {
    host.onStart = behave({ 'rt-client': (program) => program.end(0) });
    await expect(run()).rejects.toThrow(`${artifactsFolder}/rt-client-0.json: expected JSON`);
    expect(running()).toEqual([]);
  });

  test('an instrument fails while the clients run: all others have stopped when it is told', async () => {
    let script: FakeProgram | undefined;
    let clients = 0;
    host.onStart = behave({
      'host-script': (program) => {
        host.files.set(program.logFile, 'ready\nno such device\n');
        script = program;
      },
      'rt-client': () => {
        clients += 1;
        if (clients === 2) script?.end(4);
      },
    });
    const instruments = [...spec.instruments, hostScript];
    await expect(run({ instruments })).rejects.toThrow(
      'the host script ended with status 4: no such device',
    );
    const told = host.told.length;
    expect(order().slice(-7)).toEqual([
      ...['counting stops', 'CPU time is read', 'tracing stops'],
      ...['sender is stopped', 'sender is stopped', 'client is stopped', 'client is stopped'],
    ]);
    expect(running()).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.told).toHaveLength(told);
  });

  test('an instrument fails before the clients have started: none is started later', async () => {
    host.onStart = behave({
      'host-script': (program) => failWith(4, 'ready')(program),
      'rt-client': () => undefined,
    });
    await expect(run({ instruments: [...spec.instruments, hostScript] })).rejects.toThrow(
      'the host script ended with status 4',
    );
    const told = host.told.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.told).toHaveLength(told);
    expect(running()).toEqual([]);
  });

  test('an instrument cannot be stopped: the others are', async () => {
    const stopped = behave();
    host.onStart = (program) => {
      stopped(program);
      if (program.command.join().includes('rt-client')) host.files.delete(counting);
    };
    await expect(run()).rejects.toThrow(counting);
    expect(order().slice(-4, -2)).toEqual(['CPU time is read', 'tracing stops']);
    expect(running()).toEqual([]);
  });

  test('a sender has ended early, or fails in the end', async () => {
    host.onStart = behave({ 'heavy-sender': failWith(1, 'connection reset') });
    await expect(run()).rejects.toThrow('a Heavy Sender ended early: connection reset');
    host.started.length = 0;
    host.onStart = behave({
      'heavy-sender': (program) => {
        program.statusOnSigterm = 3;
      },
    });
    await expect(run()).rejects.toThrow('a Heavy Sender failed');
    expect(running()).toEqual([]);
  });

  test('what does not obey is killed', async () => {
    host.onStart = behave({
      'rt-client': failWith(1, 'no'),
      'heavy-sender': (program) => {
        program.statusOnSigterm = undefined;
      },
    });
    await expect(run()).rejects.toThrow('an RT client failed: no');
    expect(host.told.filter((line) => line.startsWith('SIGKILL'))).toHaveLength(2);
    expect(running()).toEqual([]);
  });
});

test.each<[string, Partial<RunSpec>, string]>([
  ['workload', { workload: { name: 'sip-ng' } }, 'unknown workload "sip-ng"'],
  ['option of an instrument', { instruments: [{ name: 'cpu', more: 1 }] }, 'instrument cpu: '],
])('an unknown %s is refused before anything starts', async (_what, change, message) => {
  await expect(run(change)).rejects.toThrow(message);
  expect(host.told).toEqual([]);
});
