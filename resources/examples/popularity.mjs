/**
 * Popularity by ranked lists, for Node: node popularity.mjs. It trains nothing and reports no epoch: a file lists.tsv of user, item,
 * score in the output folder is enough. Train items may be among them; Avocet leaves them out.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const config = JSON.parse(readFileSync(process.env.AVOCET_CONFIG, 'utf8'));
const rows = readFileSync(join(config.dataset, 'train.tsv'), 'utf8').trimEnd().split('\n').slice(1);
const counts = new Float64Array(config.items);
const taken = new Int32Array(config.users);
for (const row of rows) {
  const [user, item] = row.split('\t').map(Number);
  counts[item] += 1;
  taken[user] += 1;
}
const order = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
const lines = ['user\titem\tscore'];
for (let user = 0; user < config.users; user++) {
  // Fifty are ranked, after at most so many that the user has.
  for (const item of order.slice(0, 50 + taken[user])) lines.push(`${user}\t${item}\t${counts[item]}`);
}
writeFileSync(join(config.output, 'lists.tsv'), `${lines.join('\n')}\n`);
console.log(`${rows.length} interactions counted`);
