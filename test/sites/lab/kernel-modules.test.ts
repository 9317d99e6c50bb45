import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EvenkeelError } from '../../../src/process/errors.js';
import {
  addSoftDependencies,
  loadOrder,
  parseModulesDep,
  resolveModules,
} from '../../../src/sites/lab/kernel-modules.js';

const modulesDep = [
  'kernel/arch/x86/kvm/kvm-amd.ko.xz: kernel/arch/x86/kvm/kvm.ko.xz kernel/drivers/crypto/ccp.ko.xz',
  'kernel/arch/x86/kvm/kvm.ko.xz:',
  'kernel/drivers/crypto/ccp.ko.xz:',
  'kernel/drivers/net/e1000e.ko:',
  '',
].join('\n');

/** A kernel's modules without cycles: which lower-numbered modules each needs, in any order. */
const needs = fc
  .integer({ min: 1, max: 12 })
  .chain((count) =>
    fc.tuple(
      ...Array.from({ length: count }, (_, index) =>
        fc.shuffledSubarray(Array.from({ length: index }, (_, lower) => lower)),
      ),
    ),
  );

function names(modules: readonly { name: string }[]): string[] {
  return modules.map(({ name }) => name);
}

describe('parseModulesDep', () => {
  test('names modules as lsmod does, whatever their compression', () => {
    expect([...parseModulesDep(modulesDep)]).toEqual([
      ['kvm_amd', { path: 'kernel/arch/x86/kvm/kvm-amd.ko.xz', needs: ['kvm', 'ccp'] }],
      ['kvm', { path: 'kernel/arch/x86/kvm/kvm.ko.xz', needs: [] }],
      ['ccp', { path: 'kernel/drivers/crypto/ccp.ko.xz', needs: [] }],
      ['e1000e', { path: 'kernel/drivers/net/e1000e.ko', needs: [] }],
    ]);
  });
});

describe('loadOrder', () => {
  test('puts every dependency before its dependent, and nothing that is not needed', () => {
    const wanted = fc.array(fc.nat(11), { maxLength: 5 });
    fc.assert(
      fc.property(needs, wanted, (all, numbers) => {
        const text = all
          .map((lower, index) => `k/m-${index}.ko: ${lower.map((n) => `k/m-${n}.ko`).join(' ')}`)
          .reverse()
          .join('\n');
        const roots = numbers.map((number) => number % all.length);
        const order = names(
          loadOrder(
            parseModulesDep(text),
            new Set(),
            roots.map((root) => `m-${root}`),
          ),
        );

        const needed = new Set<number>();
        const add = (index: number) => {
          needed.add(index);
          for (const lower of all[index] ?? []) add(lower);
        };
        for (const root of roots) add(root);
        expect([...order].sort()).toEqual([...needed].map((index) => `m_${index}`).sort());
        for (const index of needed) {
          for (const lower of all[index] ?? []) {
            expect(order.indexOf(`m_${lower}`)).toBeLessThan(order.indexOf(`m_${index}`));
          }
        }
      }),
    );
  });

  test('leaves out what the kernel has built in, and takes both spellings', () => {
    const modules = parseModulesDep(modulesDep);
    const order = loadOrder(modules, new Set(['ext4']), ['ext4', 'kvm-amd', 'kvm_amd', 'kvm']);
    expect(names(order)).toEqual(['kvm', 'ccp', 'kvm_amd']);
  });

  test('names a module that the kernel does not have', () => {
    const order = () => loadOrder(parseModulesDep(modulesDep), new Set(), ['vhost-net']);
    expect(order).toThrow(EvenkeelError);
    expect(order).toThrow('the kernel has no module "vhost_net"');
  });
});

describe('addSoftDependencies', () => {
  const load = (dependencies: string, softdep: string, aliases: string, wanted: string[]) => {
    const modules = parseModulesDep(dependencies);
    addSoftDependencies(modules, softdep, aliases);
    return names(loadOrder(modules, new Set(), wanted));
  };

  test('finds modules by name and behind an alias, and forgets what the kernel has not', () => {
    const dependencies = ['k/fs.ko:', 'k/crc-fast.ko:', 'k/crc.ko:', 'k/late.ko:', 'k/nls.ko:'];
    const softdep = ['# Soft dependencies', 'softdep fs pre: crypto-crc nls absent post: late'];
    const aliases = ['# Aliases', 'alias crypto-crc crc_fast', 'alias crypto-crc crc'];
    expect(load(dependencies.join('\n'), softdep.join('\n'), aliases.join('\n'), ['fs'])).toEqual([
      'crc_fast',
      'crc',
      'nls',
      'fs',
    ]);
  });

  test('may go round in a circle', () => {
    const softdep = 'softdep a pre: b\nsoftdep b post: c pre: a\n';
    expect(load('k/a.ko:\nk/b.ko:\n', softdep, '', ['a'])).toEqual(['b', 'a']);
  });
});

test('resolveModules reads what depmod wrote', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-modules-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'modules.dep'), modulesDep);
  await writeFile(join(directory, 'modules.softdep'), '# Soft dependencies\n');
  await writeFile(join(directory, 'modules.alias'), '# Aliases\n');
  await writeFile(join(directory, 'modules.builtin'), 'kernel/fs/some-fs/some-fs.ko\n');
  expect(await resolveModules(directory, ['some_fs', 'some-fs', 'e1000e'])).toEqual([
    { name: 'e1000e', path: 'kernel/drivers/net/e1000e.ko' },
  ]);
});
