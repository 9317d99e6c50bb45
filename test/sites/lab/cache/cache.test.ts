import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../../../../src/process/digest.js';
import {
  type BuildPlace,
  Cache,
  cacheDirectory,
  hashOf,
} from '../../../../src/sites/lab/cache/cache.js';
import { keyOf } from '../../../../src/sites/lab/cache/keys.js';

const inputs = { version: '1' };
const specification = { kind: 'thing', inputs };
const name = `thing-${keyOf(inputs)}`;

let directory: string;
let cache: Cache;
let builds: number;

function openCache(): Cache {
  return new Cache(directory, {
    signal: new AbortController().signal,
    whileWaiting: (_holder, wait) => wait(),
    remove: async (paths) => {
      for (const path of paths) await rm(path, { recursive: true });
    },
  });
}

async function build(place: BuildPlace) {
  builds += 1;
  await writeFile(join(place.scratch, 'object'), 'of no use later');
  await writeFile(join(place.directory, 'file'), 'content');
  return { versions: { thing: '1' }, files: ['file'] };
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-cache-'));
  cache = openCache();
  builds = 0;
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test('is where the XDG specification says', () => {
  expect(cacheDirectory({ XDG_CACHE_HOME: '/c' })).toBe('/c/evenkeel');
  const inHome = join(homedir(), '.cache/evenkeel');
  expect(cacheDirectory({})).toBe(inHome);
  expect(cacheDirectory({ XDG_CACHE_HOME: '' })).toBe(inHome);
  expect(cacheDirectory({ XDG_CACHE_HOME: 'relative' })).toBe(inHome);
});

test('builds what it has not, and then has it', async () => {
  expect(await cache.find(specification)).toBeUndefined();
  const entry = await cache.ensure(specification, build);
  expect(entry.directory).toBe(join(directory, name));
  expect(await readdir(entry.directory)).toEqual(['entry.json', 'file']);
  expect(hashOf(entry, 'file')).toBe(sha256('content'));
  expect(() => hashOf(entry, 'other')).toThrow('no hash of other');

  const other = openCache();
  expect(await other.ensure(specification, build)).toEqual(entry);
  expect(builds).toBe(1);
  expect((await readdir(directory)).sort()).toEqual(['lock', 'logs', name]);
});

test('builds again for other inputs', async () => {
  await cache.ensure(specification, build);
  await cache.ensure({ kind: 'thing', inputs: { version: '2' } }, build);
  expect(builds).toBe(2);
});

test('builds once for two that want the same', async () => {
  const [one, two] = await Promise.all([
    cache.ensure(specification, build),
    cache.ensure(specification, build),
  ]);
  expect(one).toEqual(two);
  expect(builds).toBe(1);
});

test('says what an entry was made from', async () => {
  const entry = await cache.ensure(specification, build);
  const manifest = JSON.parse(await readFile(join(entry.directory, 'entry.json'), 'utf8'));
  expect(manifest).toEqual({
    schema: 1,
    kind: 'thing',
    key: keyOf(inputs),
    inputs,
    versions: { thing: '1' },
    files: { file: sha256('content') },
  });
});

test('names the file of an entry that was tampered with', async () => {
  const entry = await cache.ensure(specification, build);
  await writeFile(join(entry.directory, 'entry.json'), '{}');
  await expect(cache.find(specification)).rejects.toThrow(`${name}/entry.json: `);
});

test('leaves nothing but the log of a failed build, and passes its error on', async () => {
  const fail = async (place: BuildPlace) => {
    await build(place);
    throw new Error('out of luck');
  };
  await expect(cache.ensure(specification, fail)).rejects.toThrow('out of luck');
  expect((await readdir(directory)).sort()).toEqual(['lock', 'logs']);
  expect(await cache.find(specification)).toBeUndefined();
  await cache.ensure(specification, build);
});

test('removes what a build that was killed has left', async () => {
  const abandoned = join(directory, 'building-thing-0123456789abcdef');
  await mkdir(join(abandoned, 'entry'), { recursive: true });
  await cache.ensure(specification, build);
  expect((await readdir(directory)).sort()).toEqual(['lock', 'logs', name]);
});

test('lets one process build at a time', async () => {
  const events: string[] = [];
  const slowly = (who: string) => async (place: BuildPlace) => {
    events.push(`${who} starts`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    events.push(`${who} ends`);
    return build(place);
  };
  await Promise.all([
    cache.ensure({ kind: 'thing', inputs: { version: 'a' } }, slowly('one')),
    openCache().ensure({ kind: 'thing', inputs: { version: 'b' } }, slowly('two')),
  ]);
  expect(events[1]?.split(' ')[0]).toBe(events[0]?.split(' ')[0]);
});

test('finds what the process that it waited for has built', async () => {
  await Promise.all([cache.ensure(specification, build), openCache().ensure(specification, build)]);
  expect(builds).toBe(1);
});

test('takes its own lock again without waiting for itself', async () => {
  const waits: string[] = [];
  const eager = new Cache(directory, {
    signal: new AbortController().signal,
    whileWaiting: (holder, wait) => {
      waits.push(holder);
      return wait();
    },
    remove: () => Promise.resolve(),
  });
  const first = eager.exclusively(() => Promise.resolve());
  await first;
  const second = eager.exclusively(() => Promise.resolve());
  const third = second.then(() => eager.exclusively(() => Promise.resolve()));
  await Promise.all([second, third]);
  expect(waits).toEqual([]);
});
