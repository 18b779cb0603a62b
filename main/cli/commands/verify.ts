import { resolve } from 'node:path';
import type { Command } from '../command.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'checks a bundle from the file alone: checksums, metrics from values per user, tables from metrics',
  usage: 'FILE.zip',
  positionals: { least: 1, most: 1 },
  options: {},
  async run(context) {
    const link = await context.link({ resume: false });
    const found = await link.call('bundles.verify', { path: resolve(context.positionals[0] ?? '') });
    const { title, createdAt, program, files, runs, metrics, cells, problems } = found;
    context.print(`${title}, saved ${new Date(createdAt).toISOString()} by ${program}`);
    context.print(`${files} files, ${runs} runs; ${metrics} metrics and ${cells} cells of tables computed again`);
    for (const { where, text } of problems) context.print(`wrong: ${where}: ${text}`);
    context.print(
      problems.length === 0 ? 'Everything agrees.' : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} found.`,
    );
    return { json: { verification: found }, exitCode: problems.length === 0 ? 0 : 1 };
  },
};
