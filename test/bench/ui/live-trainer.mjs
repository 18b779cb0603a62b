/*
 * A command of one's own that trains nothing: it tells losses and as many terms as asked for, many epochs at once to begin with and
 * then one at a time, and writes down when it printed each of those.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import process from 'node:process';

const { series, behind, every, log } = JSON.parse(readFileSync(process.env.AVOCET_CONFIG, 'utf8')).parameters;

function tell(epoch) {
  const terms = Object.fromEntries(Array.from({ length: series }, (_, at) => [`term-${at + 1}`, 10 / epoch + Math.sin(epoch * (at + 1))]));
  process.stdout.write(`${JSON.stringify({ epoch, loss: 40 / epoch + Math.sin(epoch), terms })}\n`);
}

for (let epoch = 1; epoch <= behind; epoch++) tell(epoch);
let epoch = behind;
setInterval(() => {
  epoch += 1;
  const at = Date.now();
  tell(epoch);
  appendFileSync(log, `${epoch} ${at}\n`);
}, every);
