import { expect, test } from 'vitest';
import { EvenkeelError } from '../../src/process/errors.js';
import { parseTrace } from '../../src/traces/ftrace.js';

test('reads events, with blanks in the names of threads', () => {
  const text = `# tracer: nop
#
       CPU 0/KVM-254     [000] d..2.    31.958184: sched_switch: prev_comm=CPU 0/KVM prev_pid=254
 irq/31-heavy0ni-224     [001] ..s.1    31.958261: napi_poll: napi poll on napi struct ffff8881 for device heavy0nic work 64 budget 64
`;
  expect(parseTrace(text)).toEqual([
    {
      comm: 'CPU 0/KVM',
      pid: 254,
      cpu: 0,
      us: expect.closeTo(31_958_184, 3),
      name: 'sched_switch',
      details: 'prev_comm=CPU 0/KVM prev_pid=254',
      stack: [],
    },
    {
      comm: 'irq/31-heavy0ni',
      pid: 224,
      cpu: 1,
      us: expect.closeTo(31_958_261, 3),
      name: 'napi_poll',
      details: 'napi poll on napi struct ffff8881 for device heavy0nic work 64 budget 64',
      stack: [],
    },
  ]);
});

test('a stack belongs to the last event of its thread, whatever other CPUs did meanwhile', () => {
  const text = `       vhost-248-252     [000] d..1.    31.995217: contention_begin: ffff888102253480 (flags=RT)
     ksoftirqd/1-32      [001] D.s22    31.995231: softirq_exit: vec=3 [action=NET_RX]
       vhost-248-252     [000] d..1.    31.995265: <stack trace>
 => rtlock_slowlock_locked
 => rt_spin_lock
     ksoftirqd/1-32      [001] D.s22    31.995331: softirq_entry: vec=3 [action=NET_RX]
`;
  expect(parseTrace(text).map(({ name, stack }) => [name, stack])).toEqual([
    ['contention_begin', ['rtlock_slowlock_locked', 'rt_spin_lock']],
    ['softirq_exit', []],
    ['softirq_entry', []],
  ]);
});

test('a trace that lost events is refused', () => {
  const lost = () => parseTrace('CPU:1 [LOST 212 EVENTS]\n');
  expect(lost).toThrow(EvenkeelError);
  expect(lost).toThrow('line 1: the trace has lost events');
});

test('a line that is none of a trace is named', () => {
  expect(() => parseTrace('# tracer: nop\nhello\n')).toThrow('line 2 is no line of a trace: hello');
});
