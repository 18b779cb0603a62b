/**
 * The fixed load that a measurement is set beside: a sort and a scan of an SQLite table here, cells painted in the page. Slow where the
 * machine is slow, whatever the studio does.
 */
import Driver from 'better-sqlite3';
import type { Page } from '@playwright/test';
import { fixedWork, timed } from '../fixed-work.ts';

const database = new Driver(':memory:');
database.exec(`CREATE TABLE number (id INTEGER PRIMARY KEY, value REAL, word TEXT);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
  INSERT INTO number SELECT i, (i * 48271) % 65537, 'word ' || (i % 97) FROM n`);
const scan = database.prepare('SELECT word, avg(value), max(value) FROM number GROUP BY word ORDER BY 2');

/** Milliseconds of one turn. */
export async function fixedLoad(page: Page): Promise<number> {
  const own = await timed(() => {
    fixedWork();
    scan.all();
  });
  return own + (await page.evaluate(() => window.bench.paintCells()));
}
