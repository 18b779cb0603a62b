import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { killSides, Side } from '#test/bench/side.ts';

afterEach(killSides);

const side = (script: string) => new Side(process.execPath, ['-e', script]);
const echo =
  "require('readline').createInterface({ input: process.stdin }).on('line', (line) => console.log(JSON.stringify({ name: line })))";

test('a command is answered by the line that follows it', async () => {
  const echoing = side(echo);
  expect(await echoing.ask('steps 6')).toEqual({ name: 'steps 6' });
  expect(await echoing.ask('peak')).toEqual({ name: 'peak' });
  await echoing.close();
});

test('a side that dies is named with what it complained of', async () => {
  const dying = side("process.stdin.once('data', () => { console.error('out of memory'); process.exit(3); })");
  await expect(dying.ask('steps 6')).rejects.toThrow(/"steps 6" was not answered by .*out of memory/s);
});

test('an error that a side reports is an error here', async () => {
  const failing = side("process.stdin.once('data', () => console.log(JSON.stringify({ error: 'no such form' })))");
  await expect(failing.ask('steps worst 6')).rejects.toThrow(/no such form/);
});

test('one that cannot be started or fails says so, once it is over', async () => {
  await expect(side('process.exit(4)').finished()).rejects.toThrow(/ended with 4/);
  await expect(side('').finished()).resolves.toBeUndefined();
  await expect(new Side('no-such-program-anywhere', []).ask('hello')).rejects.toThrow(/ENOENT/);
});
