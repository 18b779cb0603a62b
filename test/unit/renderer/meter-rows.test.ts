import { expect, test } from 'vitest';
import { meterCurves, meterRows } from '#renderer/charts/meter-curves.ts';

test('the meters of a run as a table: a row a moment, in the units of their charts, and nothing where nothing was told', () => {
  const curves = meterCurves({ seconds: [0, 60, 120], values: { cores: [1, 1.5, 2], memoryBytes: [1e6, null, 3e6] } });
  expect(meterRows(curves)).toEqual([
    ['0.0 s', '1.0', '1.0 MB'],
    ['1:00', '1.5', ''],
    ['2:00', '2.0', '3.0 MB'],
  ]);
  const seconds = Array.from({ length: 1000 }, (_, at) => at);
  const long = meterRows(meterCurves({ seconds, values: { cores: seconds } }));
  expect(long.length).toBeLessThan(65);
  expect(long.at(-1)![1]).toBe('999.0');
});

test('labels of an axis tell its lines apart', () => {
  const bytes = Array.from({ length: 20 }, (_, at) => 149e6 + at * 1e5);
  const cores = bytes.map((_, at) => 0.31 + at / 100);
  const curves = meterCurves({ seconds: bytes.map((_, at) => at), values: { cores, memoryBytes: bytes } });
  for (const { title, spec } of curves) {
    const said = spec.y!.ticks!.map((tick) => spec.y!.format!(tick));
    expect(said.length, title).toBeGreaterThan(1);
    expect(new Set(said).size, `${title}: ${said.join(', ')}`).toBe(said.length);
  }
});
