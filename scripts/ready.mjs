// Makes a fresh clone ready to run: npm packages and the build, where they are missing or older than
// what they are made from. Runs before there is anything in node_modules, so it uses Node alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, openSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const neededNode = [20, 19];
const setUpLimitS = 15 * 60;

function newest(path) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(status.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function npm(...args) {
  console.error(`evenkeel: npm ${args.join(' ')}`);
  // stdout is for results.
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', process.stderr, process.stderr] });
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < neededNode[0] || (major === neededNode[0] && minor < neededNode[1])) {
  console.error(
    `evenkeel: needs Node ${neededNode.join('.')} or later, this is ${process.version}`,
  );
  process.exit(2);
}

function packagesAreOld() {
  const installed = join(root, 'node_modules/.package-lock.json');
  return newest(installed) < newest(join(root, 'package-lock.json'));
}

function buildIsOld() {
  const sources = ['src', 'report', 'package.json', 'tsconfig.json'].map((name) =>
    join(root, name),
  );
  const built = join(root, 'dist/built');
  return !existsSync(built) || newest(built) < Math.max(...sources.map(newest));
}

/** Two commands in a fresh clone must not set it up at the same time. The lock ends with this process. */
function lockClone() {
  const folder = openSync(root);
  const flock = (...options) => {
    const { error, status } = spawnSync('flock', [...options, '3'], {
      stdio: ['ignore', 'ignore', 'inherit', folder],
    });
    if (error !== undefined) throw error;
    return status === 0;
  };
  if (flock('--nonblock')) return;
  console.error('evenkeel: waiting for another command that sets up the clone');
  if (!flock('--wait', String(setUpLimitS))) {
    throw new Error(`another command has been setting it up for ${setUpLimitS / 60} min`);
  }
}

try {
  if (packagesAreOld() || buildIsOld()) {
    lockClone();
    if (packagesAreOld()) npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
    if (buildIsOld()) npm('run', 'build', '--silent');
  }
} catch (error) {
  console.error(`evenkeel: cannot set up the clone: ${error.message}`);
  process.exit(2);
}
