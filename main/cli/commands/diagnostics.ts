import type { Command } from '../command.ts';

export const diagnostics: Command = {
  name: 'diagnostics',
  summary: 'a report for whoever helps: versions, devices, failures, last lines; names, folders, addresses and keys are taken out',
  usage: '[> FILE]',
  positionals: { least: 0, most: 0 },
  options: {},
  async run(context) {
    const link = await context.link({ resume: false });
    const { text } = await link.call('diagnostics.report', {});
    context.write(text);
    return { json: { diagnostics: text } };
  },
};
