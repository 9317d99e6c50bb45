import { Duplex, PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { escapeKey, joinTerminal } from '../../src/commands/terminal.js';

let typed: Buffer[];
let shown: Buffer[];
let escapes: number;
let user: PassThrough;
let machine: Duplex;
let part: () => void;

beforeEach(() => {
  typed = [];
  shown = [];
  escapes = 0;
  user = new PassThrough();
  const screen = new PassThrough();
  screen.on('data', (bytes) => shown.push(bytes));
  machine = new Duplex({
    read: () => undefined,
    write: (bytes, _, done) => {
      typed.push(bytes);
      done();
    },
  });
  part = joinTerminal({ keys: user, screen }, machine, () => {
    escapes++;
  });
});

test('passes keys and output on as they are', async () => {
  user.write(Buffer.from('\x03\t\x1b[A\r\x7fä'));
  machine.push(Buffer.from('a\r\n\x1b[?2004h\n'));
  await turn();
  expect(Buffer.concat(typed).toString()).toBe('\x03\t\x1b[A\r\x7fä');
  expect(Buffer.concat(shown).toString()).toBe('a\r\n\x1b[?2004h\n');
  expect(escapes).toBe(0);
});

test('keeps the escape key, and what follows it, to itself', async () => {
  user.write(Buffer.from([0x61, escapeKey, 0x62]));
  await turn();
  expect(Buffer.concat(typed).toString()).toBe('a');
  expect(escapes).toBe(1);
});

test('passes nothing on when it was ended', async () => {
  part();
  user.write('a');
  machine.push('b');
  await turn();
  expect(typed).toEqual([]);
  expect(shown).toEqual([]);
});
