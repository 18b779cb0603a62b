import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { utilitySpawn } from '../../../main/desktop/utility-spawn.ts';

class Child extends EventEmitter {
  readonly pid = 4321;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  postMessage = vi.fn();
  kill = vi.fn();
}

const forked = vi.hoisted(() => ({ child: undefined as unknown }));
vi.mock('electron', () => ({ utilityProcess: { fork: () => forked.child } }));

const newChild = () => (forked.child = new Child()) as Child;
afterEach(() => vi.restoreAllMocks());

test('a process that has just ended by itself can be killed without harm', () => {
  newChild();
  const gone = Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw gone;
  });
  const worker = utilitySpawn('worker.cjs')('run-a');
  expect(() => worker.kill('SIGKILL')).not.toThrow();
  expect(kill).toHaveBeenCalledWith(4321, 'SIGKILL');
  gone.code = 'EPERM';
  expect(() => worker.kill('SIGKILL')).toThrow(gone);
});

test('a sign that comes in two pieces is one sign', async () => {
  const child = newChild();
  const worker = utilitySpawn('worker.cjs')('run-a');
  let heard = '';
  worker.onOutput((stream, text) => (heard += `${stream} ${text};`));
  const bytes = Buffer.from('推荐');
  child.stdout.write(bytes.subarray(0, 4));
  child.stdout.end(bytes.subarray(4));
  await vi.waitFor(() => expect(heard).toBe('stdout 推;stdout 荐;'));
});
