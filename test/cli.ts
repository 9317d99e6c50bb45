import { execa, type Options } from 'execa';

/** The program as `npm run build` makes it. */
const cli = new URL('../dist/cli.js', import.meta.url).pathname;

/**
 * Starts evenkeel, as its users do.
 * @param options those of execa: what becomes of its output, and whether a failure throws
 */
export function runCli<Given extends Options>(args: readonly string[], options?: Given) {
  return execa(process.execPath, [cli, ...args], options);
}
