import { expect, test } from 'vitest';
import { mountScript } from '../../../../src/sites/lab/debian/chroot.js';

test('lays the trees over each other and binds folders, read-only unless told otherwise', () => {
  const script = mountScript(
    '/cache/root',
    ['/cache/kernel/tree', "/it's/tree"],
    [
      { source: '/src', target: '/mnt/source' },
      { source: '/out', target: '/mnt/entry', writable: true },
    ],
  );
  const lines = script.split('\n');
  expect(lines).toContain(`mount --bind '/it'\\''s/tree' layer1`);
  expect(lines).toContain(
    'mount -t overlay -o lowerdir=layer0:layer1,upperdir=upper,workdir=work overlay root',
  );
  expect(lines).toContain("mount -o remount,bind,ro './mnt/source'");
  expect(lines).not.toContain("mount -o remount,bind,ro './mnt/entry'");
  expect(lines.at(-1)).toBe('exec chroot . "$@"');
});
