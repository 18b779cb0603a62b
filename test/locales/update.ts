import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { catalogueFiles, messagesOf, readCatalogue, type Catalogue } from './catalogues.ts';

/*
 * Writes both catalogues anew: en.json says where each message stands, zh.json keeps its translations, new messages get an empty
 * one to be filled in, and what the source no longer says is dropped (and printed, for it may have been reworded).
 */
const root = process.cwd();
const messages = messagesOf(root);
const before: Catalogue = existsSync(join(root, catalogueFiles.zh)) ? readCatalogue(root, 'zh') : {};

const english = Object.fromEntries([...messages].map(([key, files]) => [key, files.join(', ')]));
const chinese = Object.fromEntries([...messages.keys()].map((key) => [key, before[key] ?? '']));
writeFileSync(join(root, catalogueFiles.en), `${JSON.stringify(english, null, 2)}\n`);
writeFileSync(join(root, catalogueFiles.zh), `${JSON.stringify(chinese, null, 2)}\n`);

const missing = Object.keys(chinese).filter((key) => chinese[key] === '');
const obsolete = Object.keys(before).filter((key) => !messages.has(key));
for (const key of obsolete) console.log(`dropped  ${JSON.stringify(key)}: ${JSON.stringify(before[key])}`);
for (const key of missing) console.log(`missing  ${JSON.stringify(key)}  (${english[key]})`);
console.log(`${messages.size} messages, ${missing.length} without a translation in ${catalogueFiles.zh}, ${obsolete.length} dropped.`);
