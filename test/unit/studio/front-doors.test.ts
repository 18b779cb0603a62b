import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { memoryChannels, connect } from '#contract/link.ts';
import { tryLock } from '#store/lock.ts';
import { socketPath } from '#studio/owner.ts';
import { closeAll, drawDemo, ended, homeLike, host, openHere, request, temporaryFolder, until, when, workerEntry } from './fixture.ts';

const ownerScript = fileURLToPath(new URL('../../fixtures/own-studio.ts', import.meta.url));
const children: ChildProcess[] = [];

let template: string;
beforeAll(async () => {
  template = await drawDemo();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await closeAll();
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A front door in another process, once it has its place. */
async function openElsewhere(home: string): Promise<{ role: string; kill(): Promise<void> }> {
  const child = spawn(process.execPath, [ownerScript, home, workerEntry], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [role] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    role,
    kill: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

test('two doors work on one folder side by side: what one starts the other sees, and each keeps its own shell', async () => {
  const home = homeLike(template);
  const first = await openHere(home);
  const second = await openHere(home, {
    host: { ...host, capabilities: { ...host.capabilities, shell: 'desktop', revealInFolder: true } },
  });
  expect([first.role, second.role]).toEqual(['owner', 'client']);
  const { runIds } = await second.link().call('experiments.start', request());
  expect((await until(first.link(), runIds, ...ended))[0]).toMatchObject({ state: 'finished' });
  const { series } = await second.link().call('runs.series', { id: runIds[0]! });
  expect(series.find(({ key }) => key === 'loss')!.values).toHaveLength(3);
  expect(await first.link().call('studio.capabilities', {})).toMatchObject({ shell: 'browser' });
  expect(await second.link().call('studio.capabilities', {})).toMatchObject({ shell: 'desktop' });
  const [page, served] = memoryChannels();
  second.serve(served);
  expect(await connect(page).call('runs.summaries', { ids: runIds })).toMatchObject({ runs: [{ state: 'finished' }] });
  await expect(second.link().call('runs.get', { id: 'run-none' })).rejects.toMatchObject({
    problem: { code: 'run.unknown', fix: expect.stringContaining('avocet runs') },
  });
});

test('a door that only reads lets runs lie until one that works comes in beside it', async () => {
  const home = homeLike(template);
  const reader = await openHere(home, { resume: false });
  const { runIds } = await reader.link().call('experiments.start', request({ budget: { epochs: 1 } }));
  expect((await reader.link().call('runs.summaries', { ids: runIds })).runs[0]!.state).toBe('queued');
  const worker = await openHere(home);
  expect(worker.role).toBe('client');
  expect((await until(worker.link(), runIds, ...ended))[0]!.state).toBe('finished');
});

test('the socket is private, and a folder with a long name gets a short one', async () => {
  const home = homeLike(template);
  await openHere(home);
  expect(statSync(join(home, 'owner.sock')).mode & 0o777).toBe(0o600);
  const long = join(temporaryFolder(), 'x'.repeat(60), 'y'.repeat(60));
  mkdirSync(long, { recursive: true });
  const path = socketPath(long);
  expect(path.length).toBeLessThanOrEqual(100);
  const owner = await openHere(long);
  const client = await openHere(long);
  expect([owner.role, client.role]).toEqual(['owner', 'client']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, '..')).mode & 0o077).toBe(0);
  expect(await client.link().call('settings.get', {})).toMatchObject({ theme: 'system', device: 'fastest' });
  await closeAll();
  expect(existsSync(path)).toBe(false);
  // Its place goes with the last socket; others of this user may listen there.
  const place = join(path, '..');
  expect(existsSync(place) ? readdirSync(place) : ['gone']).not.toEqual([]);
});

test('a folder that cannot be listened in is let go at once', async () => {
  const home = homeLike(template);
  const inTheWay = socketPath(home);
  mkdirSync(inTheWay, { recursive: true });
  await expect(openHere(home)).rejects.toThrow();
  const lock = tryLock(join(home, 'owner.lock'));
  expect(lock).toBeDefined();
  lock?.release();
});

test('a killed owner is replaced by its client, and its run goes on there', async () => {
  const home = homeLike(template);
  const owner = await openElsewhere(home);
  expect(owner.role).toBe('owner');
  const notices: string[] = [];
  const client = await openHere(home, { onNotice: (text) => notices.push(text) });
  expect(client.role).toBe('client');
  const link = client.link();
  const { runIds } = await link.call('experiments.start', request({ budget: { epochs: 40, patience: 40 } }));
  await when(link, runIds[0]!, (run) => run.epochs >= 2);
  const closed = new Promise<void>((resolve) => link.onClose(resolve));
  await owner.kill();
  await closed;
  const again = client.link();
  const [run] = await until(again, runIds, ...ended);
  expect(client.role).toBe('owner');
  expect(notices).toContain('The Avocet that held this data folder has ended; this one takes over.');
  expect(run).toMatchObject({ state: 'finished', attempt: 2, epochs: 40 });
  const { attempts } = await again.call('runs.get', { id: runIds[0]! });
  expect(attempts[0]!.outcome).toBe('the owner ended');
  expect(attempts[1]!.recomputedEpochs).toBeLessThanOrEqual(1);
  const { series } = await again.call('runs.series', { id: runIds[0]!, keys: ['loss'] });
  expect([...series[0]!.epochs]).toEqual(Array.from({ length: 40 }, (_unused, index) => index + 1));
});

test('a folder left by a killed owner opens at once for the next', async () => {
  const home = homeLike(template);
  const owner = await openElsewhere(home);
  await owner.kill();
  const next = await openHere(home);
  expect(next.role).toBe('owner');
});
