import { bytes } from '#contract/amounts.ts';
import type { Command } from '../command.ts';
import { problemLines } from '../words.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'devices, versions and folders, with what is missing and how to get it',
  usage: '',
  positionals: { least: 0, most: 0 },
  options: {},
  async run(context) {
    const link = await context.link({ resume: false });
    const report = await link.call('studio.doctor', {});
    context.print(`Avocet ${report.version}, Node ${report.node}, ${report.platform}`);
    context.print(`Data folder ${report.home}, ${bytes(report.freeBytes)} free`);
    for (const [name, version] of Object.entries(report.libraries)) context.print(`  ${name} ${version}`);
    for (const device of report.devices) {
      context.print(
        `${device.available ? 'ready  ' : 'missing'}  ${device.id.padEnd(10)} ${device.name}${device.missing === undefined ? '' : `: ${device.missing}`}`,
      );
      if (device.remedy !== undefined) context.print(`         ${device.remedy}`);
    }
    for (const problem of report.problems) for (const line of problemLines(problem)) context.print(line);
    return { json: report };
  },
};
