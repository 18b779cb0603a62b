import { describe, expect, test } from 'vitest';
import { reportJson, reportLine, reportTable, rowOf, quartiles } from '#test/bench/report.ts';

const start = { work: 'lightgcn', title: 'epoch', device: 'wasm', deviceName: 'WebAssembly', threads: 1, peerThreads: 2 };
const row = rowOf(start, {
  ms: 2543.21,
  peerMs: 6339,
  bestPeerMs: 4401.5,
  ratio: 0.401234,
  bestRatio: 0.5777,
  goal: 0.33,
  met: false,
  spread: [2248, 3160],
});

describe('JSON', () => {
  test('has the keys that readers rely on, with null for what was not measured', () => {
    const { rows } = JSON.parse(reportJson([row, rowOf(start, { note: 'refused: …' })])) as { rows: Record<string, unknown>[] };
    expect(rows[0]).toMatchObject({
      work: 'lightgcn',
      device: 'wasm',
      threads: 1,
      ms: 2543,
      peerMs: 6339,
      bestPeerMs: 4402,
      ratio: 0.4012,
      bestRatio: 0.5777,
      goal: 0.33,
      met: false,
    });
    for (const key of ['ms', 'peerMs', 'bestPeerMs', 'ratio', 'bestRatio', 'goal', 'met']) expect(rows[1]).toHaveProperty(key, null);
  });
});

describe('table', () => {
  test('puts figures under their titles and says a missed goal aloud', () => {
    const [titles, line] = reportTable([row]).split('\n') as [string, string];
    expect(titles.indexOf('ratio')).toBe(line.indexOf('0.40'));
    expect(line).toContain('2543 [2248–3160]');
    expect(line).toContain('1 (asked 2)');
    expect(line).toMatch(/≤ 0\.33\s+NO/);
  });

  test('leaves a figure out rather than print a stand-in', () => {
    const [, line] = reportTable([rowOf(start, { note: 'no ratio: drift' })]).split('\n');
    expect(line).not.toMatch(/null|NaN|undefined/);
    expect(line).toContain('no ratio: drift');
  });
});

test('a line names what it holds and leaves out what is missing', () => {
  expect(reportLine(rowOf(start, { ms: 12, note: 'skipped: no C compiler' }))).toBe(
    'lightgcn (epoch), device WebAssembly, threads 1 (asked 2), ms [quartiles] 12.0, skipped: no C compiler',
  );
});

test('quartiles of an epoch are those of its steps, all of them', () => {
  expect(quartiles({ median: 2, low: 1, high: 3 }, 58)).toEqual([58, 174]);
});
