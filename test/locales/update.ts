import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { catalogueFiles, messagesOf, readCatalogue, type Catalogue } from './catalogues.ts';
import { studioMessages } from './studio.ts';

/*
 * Writes the catalogues anew: en.json says where each message of the page stands, zh.json keeps its translations and studio.zh.json those of
 * the studio's sentences; new messages get an empty one to be filled in, and what the source no longer says is dropped (and printed, for it
 * may have been reworded).
 */
const root = process.cwd();

/** `known`: translations of another catalogue, taken where both say the same. */
function renew(name: 'zh' | 'studio', messages: ReadonlyMap<string, readonly string[]>, known: Catalogue = {}): void {
  const file = catalogueFiles[name];
  const before: Catalogue = existsSync(join(root, file)) ? readCatalogue(root, name) : {};
  const now = Object.fromEntries([...messages.keys()].map((key) => [key, before[key] || (known[key] ?? '')]));
  writeFileSync(join(root, file), `${JSON.stringify(now, null, 2)}\n`);
  const missing = Object.keys(now).filter((key) => now[key] === '');
  const obsolete = Object.keys(before).filter((key) => !messages.has(key));
  for (const key of obsolete) console.log(`dropped  ${JSON.stringify(key)}: ${JSON.stringify(before[key])}`);
  for (const key of missing) console.log(`missing  ${JSON.stringify(key)}  (${messages.get(key)?.join(', ')})`);
  console.log(`${messages.size} messages, ${missing.length} without a translation in ${file}, ${obsolete.length} dropped.`);
}

const ofThePage = messagesOf(root);
const english = Object.fromEntries([...ofThePage].map(([key, files]) => [key, files.join(', ')]));
writeFileSync(join(root, catalogueFiles.en), `${JSON.stringify(english, null, 2)}\n`);
renew('zh', ofThePage);
renew('studio', studioMessages(root), readCatalogue(root, 'zh'));
