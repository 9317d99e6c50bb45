import { isIPv4 } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  allLinks,
  cpusOf,
  heavyLinks,
  maxHeavyVms,
  maxRtVms,
  rtInterfaces,
  rtLink,
  type TestbedSize,
} from '../../src/plan/topology.js';

const largest: TestbedSize = { hostCpus: 4, rtVms: maxRtVms, heavyVms: maxHeavyVms };

/** IFNAMSIZ without its NUL (include/uapi/linux/if.h). */
const longestInterfaceName = 15;

function expectDistinct(values: readonly string[]): void {
  expect(values.filter((value, index) => values.indexOf(value) !== index)).toEqual([]);
}

describe('the largest testbed', () => {
  const links = allLinks(largest);
  const guests = links.flatMap((link) => link.guests);

  test('has all VMs, the RT ones on the first link', () => {
    expect(links).toHaveLength(1 + maxHeavyVms);
    expect(links[0]?.guests).toHaveLength(maxRtVms);
    for (const { guests } of links.slice(1)) expect(guests).toHaveLength(1);
  });

  test('has unique and valid MAC addresses', () => {
    const macs = [
      ...links.flatMap(({ hostMac, clientMac }) => [hostMac, clientMac]),
      ...guests.map(({ mac }) => mac),
    ];
    expectDistinct(macs);
    for (const mac of macs) expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
  });

  test('has unique and valid IP addresses, those of a link in one network', () => {
    expectDistinct([
      ...links.map(({ clientAddress }) => clientAddress),
      ...guests.map(({ address }) => address),
    ]);
    const networks = links.map(({ clientAddress, guests }) => {
      const addresses = [clientAddress, ...guests.map(({ address }) => address)];
      for (const address of addresses) {
        expect(isIPv4(address)).toBe(true);
        expect(address).not.toMatch(/\.0\.(0|255)$/);
      }
      // The first 16 bits (prefixLength).
      const prefixes = new Set(addresses.map((address) => address.split('.', 2).join('.')));
      expect(prefixes.size).toBe(1);
      return [...prefixes].join();
    });
    expectDistinct(networks);
  });

  test('has unique names that an interface can have', () => {
    const interfaces = [
      ...links.flatMap(({ hostNic, clientNic, bridge }) => [hostNic, clientNic, bridge]),
      ...guests.flatMap(({ tap, veth, inside }) => [tap, veth, inside]),
    ];
    expectDistinct(interfaces);
    for (const name of interfaces) expect(name.length).toBeLessThanOrEqual(longestInterfaceName);
    expectDistinct([...guests.map(({ name }) => name), ...links.map(({ namespace }) => namespace)]);
  });
});

test('names the parts of a small testbed', () => {
  const size = { hostCpus: 2, rtVms: 2, heavyVms: 1 };
  expect(rtLink(size)).toMatchObject({
    hostNic: 'rtnic',
    clientAddress: '10.0.0.1',
    guests: [
      { name: 'rt0', tap: 'tap-rt0', address: '10.0.0.2' },
      { name: 'rt1', tap: 'tap-rt1', address: '10.0.0.3' },
    ],
  });
  expect(heavyLinks(size)).toMatchObject([
    { hostNic: 'heavy0nic', clientAddress: '10.1.0.1', guests: [{ name: 'heavy0' }] },
  ]);
  expect(allLinks(size)).toEqual([rtLink(size), ...heavyLinks(size)]);
});

test('RT packets pass the veth pairs of network namespaces', () => {
  const size = { hostCpus: 2, rtVms: 1, heavyVms: 1 };
  expect(rtInterfaces(size, 'vm')).toEqual(['rtnic']);
  expect(rtInterfaces(size, 'host')).toEqual(['rtnic']);
  expect(rtInterfaces(size, 'namespace')).toEqual(['rtnic', 'veth-rt0', 'eth-rt0']);
});

test('a link stays as it is when VMs are added elsewhere', () => {
  const small = { hostCpus: 2, rtVms: 1, heavyVms: 1 };
  expect(heavyLinks(largest)[0]).toEqual(heavyLinks(small)[0]);
  expect(rtLink(largest).guests[0]).toEqual(rtLink(small).guests[0]);
});

test('the outside is the CPU after those of the host', () => {
  expect(cpusOf({ hostCpus: 3, rtVms: 1, heavyVms: 0 })).toEqual({ host: [0, 1, 2], outside: 3 });
});
