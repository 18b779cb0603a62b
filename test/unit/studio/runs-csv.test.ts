import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { runsCsv } from '#studio/runs-table/csv.ts';
import { addExperiment, addRun, openStore, query, temporaryHome } from '../store/fixture.ts';

const runs = 10_000;
const columns = [
  'n_layers',
  'reg_weight',
  'note',
  'val.recall@20',
  'createdAt',
  'experimentName',
  ...Array.from({ length: 204 }, (_, at) => `=seed * 1000 + ${at}`),
];

test(
  'G14: an export of 10,000 runs and 210 columns holds every run once and every column, whatever a screen would load',
  { timeout: 600_000 },
  async () => {
    const home = temporaryHome();
    const store = openStore(home.folder);
    try {
      store.transaction(() => {
        addExperiment(store, 'exp-a', 'Many, "quoted"');
        for (let seed = 0; seed < runs; seed++) addRun(store, { id: `run-${seed}`, seed, hyper: { n_layers: seed % 7, reg_weight: 1e-4 } });
      });
      const asked = { ...query({ collapse: false, limit: 100 }), columns };
      const { text, rows } = await runsCsv(store, asked);
      expect(rows).toBe(runs);
      const records = parse(text) as string[][];
      expect(records).toHaveLength(runs + 1);
      const [header, ...body] = records;
      expect(columns).toHaveLength(210);
      expect(header!.slice(-204)[3]).toBe("'=seed * 1000 + 3");
      expect(new Set(body.map(([id]) => id)).size).toBe(runs);
      const seedAt = header!.indexOf('seed');
      for (const record of body) {
        expect(record.length).toBe(header!.length);
        if (Number(record[record.length - 1]) !== Number(record[seedAt]) * 1000 + 203)
          throw new Error(`row of ${record[0]} is not its own`);
      }
    } finally {
      store.close();
      home.remove();
    }
  },
);
