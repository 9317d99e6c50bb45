import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../cli.js';

/** `threaded` has the programs use the guest's own sockets, to see whether a failure is the outsourcing's. */
const { EVENKEEL_METHOD: method = 'outsourcing' } = process.env;
const outsourced = method.startsWith('outsourcing');
const logs = new URL(`../../results/programs/${method}/`, import.meta.url);

const packages = [
  ...['bind9-dnsutils', 'crun', 'curl', 'dnsmasq-base', 'haproxy', 'iperf3', 'kamailio'],
  ...['libmemcached-tools'],
  ...['libpython3-stdlib', 'memcached', 'mosquitto', 'mosquitto-clients', 'nbd-client'],
  ...['nbd-server', 'nginx-light', 'nodejs'],
  ...['openssh-client', 'openssh-server', 'postgresql', 'python3-minimal', 'redis-server'],
  ...['redis-tools', 'sip-tester', 'socat', 'systemd', 'systemd-resolved', 'unbound', 'wrk'],
];

describe(`unmodified programs in a guest, with clients outside: ${method}`, () => {
  /** What the outside's part of a program has printed, with its exit status in the last line. */
  let printed: Map<string, string>;

  beforeAll(async () => {
    const folder = new URL('.', import.meta.url);
    const files = (await readdir(folder)).filter((name) => !name.endsWith('.ts'));
    const { stdout } = await runCli(
      [
        ...['lab', 'exec', '--method', method, '--guest-memory', '1024'],
        ...['--guest-packages', packages.join()],
        ...files.flatMap((name) => ['--copy', fileURLToPath(new URL(name, folder))]),
        ...['--outside', fileURLToPath(new URL('outside.sh', folder))],
        ...['--logs', fileURLToPath(logs), '--', 'sh', 'guest.sh'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    printed = new Map(
      stdout
        .split(/^=== /m)
        .slice(1)
        .map((section) => [/^.*/.exec(section)?.[0] ?? '', section.replace(/^.*\n/, '')]),
    );
  });

  /** @returns what the outside's part of a program that has ended well has printed */
  function resultsOf(program: string): string {
    const text = printed.get(program) ?? '';
    expect(text).toMatch(/^status 0\n*$/m);
    return text.replace(/^status 0\n*/m, '');
  }

  test('a container is reached by those who are to reach it', () => {
    const hello = 'hello from the container';
    const orNot = outsourced ? 'does not reach it' : hello;
    expect(resultsOf('container').trimEnd().split('\n')).toEqual([
      `probe of kubelet: ${hello}`,
      `probe of another service: ${orNot}`,
      `published, from kubelet: ${hello}`,
      `published, from another service: ${orNot}`,
      ...(outsourced
        ? [...Array(4).fill('refused: a wrong name'), `once it is named: ${hello}`]
        : []),
      `from outside, 8088: ${orNot}`,
      `from outside, 8089: ${hello}`,
    ]);
  });

  test('curl in the guest fetches a file from outside, and sends it back', () => {
    expect(resultsOf('curl')).toBe('received what was sent: True\n');
  });

  test('haproxy passes on requests and connections to a server on the loopback interface', () => {
    const results = resultsOf('haproxy');
    expect(results.match(/^hello from nginx$/gm)).toHaveLength(2);
    expect(results.match(/^large: OK$/gm)).toHaveLength(2);
    for (const port of [81, 82]) {
      expect(results).toMatch(new RegExp(`^${port}: +[1-9]\\d* requests in `, 'm'));
    }
    expect(results).not.toMatch(/Socket errors|Non-2xx/);
  });

  test('iperf3 sends and receives over TCP and UDP', () => {
    const reports = resultsOf('iperf3').trimEnd().split('\n');
    expect(reports.map((line) => /^[a-z-]*/.exec(line)?.[0])).toEqual([
      ...['tcp-to-guest', 'tcp-from-guest', 'tcp-both-ways'],
      ...['udp-to-guest', 'udp-from-guest'],
    ]);
    for (const report of reports) {
      const { error, end } = JSON.parse(report.slice(report.indexOf('{')));
      expect(error, report).toBeUndefined();
      expect(end.sum_received.bytes, report).toBeGreaterThan(0);
      if (report.startsWith('udp')) expect(end.sum.lost_packets, report).toBe(0);
    }
  });

  test('memcached answers memcaslap over TCP and UDP', () => {
    const results = resultsOf('memcached');
    expect(results).toContain('capable: All tests passed\n');
    for (const text of ['get_misses: 0', 'verify_misses: 0', 'verify_failed: 0']) {
      expect(results).toContain(`tcp: ${text}\n`);
    }
    expect(results).toMatch(/^tcp: Run time: .* Ops: 10000 /m);
    for (const text of ['packet_disorder: 0', 'packet_drop: 0', 'udp_timeout: 0']) {
      expect(results).toContain(`udp: ${text}\n`);
    }
    expect(results).toMatch(/^udp: Run time: .* Ops: 2000 /m);
  });

  test('mosquitto delivers each message', () => {
    expect(resultsOf('mosquitto')).toBe('received: 1000\ndifferent: 1000\n');
  });

  test('a disk of nbd, whose socket the kernel uses, keeps what is written', () => {
    expect(resultsOf('nbd')).toBe('read: what was written\ndisk: what was written\n');
  });

  test('nginx serves curl and wrk', () => {
    const results = resultsOf('nginx');
    expect(results).toContain('hello from nginx\n');
    expect(results).toContain('large: OK\n');
    for (const file of ['small', 'large']) {
      expect(results).toMatch(new RegExp(`^${file}: +[1-9]\\d* requests in `, 'm'));
    }
    expect(results).not.toMatch(/Socket errors|Non-2xx/);
  });

  test("Node's HTTP server receives what is sent", () => {
    expect(resultsOf('node')).toBe('small: 500 of 500\nlarge: true\n');
  });

  test('PostgreSQL commits each transaction of pgbench', () => {
    const results = resultsOf('postgresql');
    for (const run of ['encrypted', 'connecting']) {
      expect(results).toContain(`${run}: number of transactions actually processed: 400/400\n`);
      expect(results).toContain(`${run}: number of failed transactions: 0 (0.000%)\n`);
    }
    const answer = `${'0123456789'.repeat(200_000)}\n`;
    expect(results).toContain(createHash('sha256').update(answer).digest('hex'));
  });

  test("Python's asyncio echoes over TCP and UDP", () => {
    expect(resultsOf('python')).toBe('tcp: 1000 of 1000\nudp: 1000 of 1000\n');
  });

  test('redis-server performs each command of redis-benchmark', () => {
    const results = resultsOf('redis');
    for (const [command, calls] of Object.entries({ set: 5000, get: 5000, incr: 20_000 })) {
      expect(results).toMatch(
        new RegExp(`^cmdstat_${command}:calls=${calls},.*,rejected_calls=0,failed_calls=0`, 'm'),
      );
    }
  });

  test("systemd-resolved's stub answers the guest's programs", () => {
    expect(resultsOf('resolved').trimEnd().split('\n')).toEqual([
      ...['notcp: 192.0.2.7', 'tcp: 192.0.2.7'],
      expect.stringMatching(/^long: 4\d{3}$/),
      'getaddrinfo: 192.0.2.7',
      ...(outsourced ? ['listed: tcp 0a 127.0.0.53:53 -', 'listed: udp 07 127.0.0.53:53 -'] : []),
    ]);
  });

  test('Kamailio passes on the calls of SIPp over UDP and TCP', () => {
    const results = resultsOf('sip');
    for (const transport of ['udp', 'tcp']) {
      expect(results).toContain(`${transport}: status 0, successful 300, failed 0\n`);
    }
  });

  test('sshd runs commands, takes and gives files, and forwards connections', () => {
    expect(resultsOf('ssh').trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^command: 10\.0\.0\.1 \d+ 10\.0\.0\.2 22$/),
      ...['status: 3', 'scp: same', 'sftp: same', 'pipe: same', 'forwarded: same key'],
    ]);
  });

  test('unbound answers dig over UDP and TCP, and over TCP what is too long for UDP', () => {
    expect(resultsOf('unbound')).toBe('notcp: 200 answers\ntcp: 200 answers\nlong: 40\n');
  });

  test.each(['kernel.log', 'console-rt0.log'])('no kernel complains: %s', async (name) => {
    const log = await readFile(new URL(name, logs), 'utf8');
    expect(log).not.toMatch(/WARNING|BUG:|Oops|Call Trace|stall|blocked for more than/);
  });
});
