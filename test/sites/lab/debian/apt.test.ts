import { expect, test } from 'vitest';
import {
  aptConfiguration,
  oldReleaseSources,
  releaseSources,
  sourcesList,
} from '../../../../src/sites/lab/debian/apt.js';

const dump = `APT "";
APT::Architecture "arm64";
APT::Default-Release "bookworm";
APT::Update::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb";
Acquire "";
Acquire::http::Proxy "http://proxy.example:3128";
Acquire::https::CaInfo "/etc/ssl/company.pem";
Acquire::Check-Valid-Until "false";
Acquire::IndexTargets::deb::DEP-11::MetaKey "dep11";
Acquire::Languages:: "de";
Dir "/";
`;

test('takes over how the machine fetches, and nothing else', () => {
  expect(aptConfiguration('/cache/apt', dump).split('\n')).toEqual([
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::https::CaInfo "/etc/ssl/company.pem";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages "none";',
    'Acquire::ForceHash "SHA256";',
    'APT::Architecture "amd64";',
    'APT::Update::Error-Mode "any";',
    'APT::Sandbox::User "root";',
    'pkgCacheGen::ForceEssential ",";',
    'Dir "/cache/apt/";',
    'Dir::State::status "/dev/null";',
    'Dir::Cache::srcpkgcache "";',
    '',
  ]);
});

test('no part of the lab can get a package of the release before by accident', () => {
  const suitesOf = (list: string) => list.split('\n').map((line) => line.split(' ').at(-2));
  const mirror = 'http://mirror.example/debian/';
  expect(suitesOf(sourcesList(mirror, releaseSources))).toEqual([
    'trixie',
    'trixie-updates',
    'trixie-backports',
    'trixie',
    undefined,
  ]);
  expect(suitesOf(sourcesList(mirror, oldReleaseSources))).toEqual(['bookworm', undefined]);
});
