/** Path of the program as `npm run build` makes it, for tests that run it. */
export const cli = new URL('../dist/cli.js', import.meta.url).pathname;
