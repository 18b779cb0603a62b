import process from 'node:process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { openDevice } from '#engine/devices/open.ts';
import { probeDevice } from '#engine/devices/probe.ts';
import * as reference from '#engine/devices/reference.ts';
import { startBackend } from '#engine/devices/webgpu/backend.ts';
import type { Started } from '#engine/devices/webgpu/backend.ts';
import { tableUsage } from '#engine/devices/webgpu/dawn.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { dispose, matMul, mul, sum, tensor1d, tensor2d, values, variable } from '#engine/ops/basic.ts';
import type { Scalar } from '#engine/ops/basic.ts';
import { gatherRows } from '#engine/ops/gather.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { topKMasked } from '#engine/ops/top-k.ts';
import { randomStream } from '#data/random.ts';
import { draw, expectClose, orSkipped } from '../../check.ts';

const probe = await probeDevice('webgpu');

const isLinux = process.platform === 'linux';

describe.skipIf(!isLinux)(`without a driver${isLinux ? '' : ' (skipped: drivers can be hidden on Linux alone)'}`, () => {
  beforeEach(() => {
    vi.stubEnv('VK_DRIVER_FILES', '/nowhere.json');
    vi.stubEnv('VK_ICD_FILENAMES', '/nowhere.json');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('says what is missing and what to install', async () => {
    expect(await probeDevice('webgpu')).toEqual({
      id: 'webgpu',
      available: false,
      name: 'WebGPU',
      // The second where npm left the optional package out.
      missing: expect.stringMatching(/^no GPU driver that Dawn accepts was found$|^the npm package webgpu could not be loaded: /),
      remedy: expect.stringMatching(/mesa-vulkan-drivers|npm ci/),
    });
  });
});

describe.skipIf(!probe.available)(`the webgpu device${orSkipped(probe)}`, () => {
  let device: OpenDevice;
  let started: Started;
  beforeAll(async () => {
    device = await openDevice('webgpu');
    started = await startBackend();
  });
  afterAll(() => device.close());

  it('works on past the 65,535 workgroups that one dimension holds', () => {
    const count = 128 * 65_535 + 1000;
    const table = tensor2d(draw(7, 1), [7, 1]);
    const rows = Int32Array.from({ length: count }, (_, i) => i % 7);
    const gathered = gatherRows(table, rows);
    const [found, wanted] = [values(gathered), values(table)];
    const wrong = rows.findIndex((row, i) => found[i] !== wanted[row]);
    expect(wrong).toBe(-1);
    dispose([table, gathered]);
  });

  it('splits a long, thin product and adds its parts', () => {
    const [long, m, n] = [20_011, 3, 5];
    const [a, b] = [draw(long * m, 1), draw(long * n, 2)];
    const [x, y] = [tensor2d(a, [long, m]), tensor2d(b, [long, n])];
    const product = matMul(x, y, true, false);
    const wanted = reference.matMul(a, b, { rows: m, inner: long, columns: n, transposeA: true, transposeB: false });
    expectClose(values(product), wanted, 2e-6, 'aᵀ b');
    dispose([x, y, product]);
  });

  it('adds up the gradient of InfoNCE over several blocks of queries', () => {
    const [queries, keys, width] = [2100, 4101, 2];
    const random = randomStream(3, 'negatives');
    const pairs = {
      queryOf: Int32Array.from({ length: 2300 }, () => random.integer(queries)),
      keyOf: Int32Array.from({ length: 2300 }, () => random.integer(keys)),
      keyCounts: Float32Array.from({ length: keys }, () => random.integer(3)),
    };
    const [q, k] = [draw(queries * width, 1, 0.5), draw(keys * width, 2, 0.5)];
    const upstream = draw(2300, 4);
    const parameters = new Map([
      ['q', variable(q, [queries, width], 'q')],
      ['k', variable(k, [keys, width], 'k')],
    ]);
    const weights = tensor1d(upstream);
    const { gradients } = lossAndGradients(parameters, () => {
      const losses = infoNceRows(parameters.get('q') as Tensor2D, parameters.get('k') as Tensor2D, pairs, 0.2);
      return { total: sum(mul(losses, weights)) as Scalar, terms: {} };
    });
    const { logSumExp } = reference.infoNce(q, k, width, pairs, 0.2);
    const wanted = reference.infoNceGradient(upstream, q, k, logSumExp, width, pairs, 0.2);
    expectClose(values(gradients.get('q')!), wanted.queries, 5e-6, 'to the queries');
    expectClose(values(gradients.get('k')!), wanted.keys, 5e-6, 'to the keys');
    dispose([weights, ...parameters.values(), ...[...gradients.values()].filter((g) => g !== null)]);
  });

  it('ranks over several blocks of users', () => {
    const [rows, count, k] = [1207, 7001, 3];
    const random = randomStream(2, 'negatives');
    const u = Float32Array.from({ length: rows }, () => random.integer(5) - 2);
    const i = Float32Array.from({ length: count }, () => random.integer(9) - 4);
    const offsets = Int32Array.from({ length: rows + 1 }, (_, r) => 2 * r);
    const indices = Int32Array.from({ length: 2 * rows }, (_, e) => (e % 2 === 0 ? 0 : 1 + random.integer(count - 1)));
    const [users, items] = [tensor2d(u, [rows, 1]), tensor2d(i, [count, 1])];
    const found = topKMasked(users, items, { offsets, indices }, k);
    const wanted = reference.topK(u, i, 1, { offsets, indices }, k);
    expect(found.items).toEqual(wanted.items);
    expect([...found.scores].map((score) => score + 0)).toEqual([...wanted.scores].map((score) => score + 0));
    dispose([users, items]);
  });

  it('refuses at once a table beyond what the GPU binds, in a memory error with a way out', () => {
    const most = started.device.limits.maxStorageBufferBindingSize;
    expect(() => started.device.createBuffer({ size: most + 4, usage: tableUsage })).toThrow(
      expect.objectContaining({
        kind: 'memory',
        code: 'webgpu.memory',
        message: expect.stringMatching(/does not fit/),
        fix: expect.stringMatching(/batch/),
      }),
    );
  });

  it('reports refused work with the next value that is read, and goes on', () => {
    const x = tensor2d([1, 2], [2, 1]);
    const row = gatherRows(x, Int32Array.of(1));
    const doubled = mul(row, 2);
    started.device.createShaderModule({ code: 'no language', label: 'broken' });
    expect(() => values(doubled)).toThrow(expect.objectContaining({ kind: 'device', code: 'webgpu.failed' }));
    expect([...values(doubled)]).toEqual([4]);
    dispose([x, row, doubled]);
  });

  it('leaves the event loop as it found it and serves those who wait for values too', async () => {
    const before = globalThis.setImmediate;
    const table = tensor2d([1, 2, 3, 4], [2, 2]);
    const turned = gatherRows(table, Int32Array.of(1, 0));
    expect([...(await turned.data())]).toEqual([3, 4, 1, 2]);
    expect([...values(turned)]).toEqual([3, 4, 1, 2]);
    expect(globalThis.setImmediate).toBe(before);
    dispose([table, turned]);
  });

  it('gives what it kept for reuse back when it is closed', async () => {
    for (let rows = 1; rows < 40; rows++) {
      const table = tensor2d(draw(rows * 3, rows), [rows, 3]);
      const same = gatherRows(table, Int32Array.of(0));
      values(same);
      dispose([table, same]);
    }
    const pool = started.backend.bufferManager;
    expect(pool.numBytesAllocated).toBeGreaterThan(pool.numBytesUsed);
    device.close();
    expect(pool.numBytesAllocated).toBe(pool.numBytesUsed);
    device = await openDevice('webgpu');
  });
});
