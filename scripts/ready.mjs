// Makes a fresh clone ready to run: npm packages and the build, where they are missing or older than
// what they are made from. Runs before there is anything in node_modules, so it uses Node alone.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const neededNode = [20, 19];

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

try {
  const installed = join(root, 'node_modules/.package-lock.json');
  const locked = join(root, 'package-lock.json');
  if (newest(installed) < newest(locked)) {
    npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
  }
  const sources = ['src', 'report', 'package.json', 'tsconfig.json'].map((name) =>
    join(root, name),
  );
  const built = join(root, 'dist/built');
  if (!existsSync(built) || newest(built) < Math.max(...sources.map(newest)))
    npm('run', 'build', '--silent');
} catch (error) {
  console.error(`evenkeel: cannot set up the clone: ${error.message}`);
  process.exit(2);
}
