import { bytes } from '#contract/amounts.ts';
import type { Link } from '#contract/link.ts';
import { bothSteps, milliseconds, reasonOf, type Speeds } from '#contract/speed.ts';
import type { Command, Context } from '../command.ts';
import { problemLines } from '../words.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'devices, versions and folders, with what is missing and how to get it',
  usage: '[--measure]',
  positionals: { least: 0, most: 0 },
  options: { measure: { type: 'boolean', help: 'measure every device first; waits until no run is at work' } },
  async run(context) {
    const link = await context.link({ resume: false });
    if (context.values['measure'] === true) await measure(link, context);
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
    for (const line of speedLines(report.speeds)) context.print(line);
    for (const problem of report.problems) for (const line of problemLines(problem)) context.print(line);
    return { json: report };
  },
};

/** Measures anew and waits for the end; an interrupt leaves what is being measured. */
async function measure(link: Link, context: Context): Promise<void> {
  const interrupted = context.interruptible();
  const cancel = () => void link.call('devices.cancel', {}).catch(() => undefined);
  interrupted.addEventListener('abort', cancel, { once: true });
  await link.call('devices.measure', {});
  for await (const { state, fraction } of link.stream('devices.watch', {})) {
    if (state === 'idle') break;
    context.progress(state === 'waiting' ? 'waiting until no run is at work' : `measuring, ${Math.round(fraction * 100)} %`);
  }
  interrupted.removeEventListener('abort', cancel);
}

function speedLines(speeds: Speeds): string[] {
  const measured = speeds.rows.filter((row) => row.measured !== undefined);
  if (measured.length === 0) return ['Speeds: not measured on this machine; avocet doctor --measure does.'];
  const least = Math.min(...measured.map((row) => bothSteps(row)!));
  const cells = measured.map((row) => {
    const { lightgcnMs, mgcnMs, compile, at } = row.measured!;
    const relative = `${(bothSteps(row)! / least).toFixed(1)} ×`;
    const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
    return [row.device, `${row.threads}`, compile.split(':')[0]!, milliseconds(lightgcnMs), milliseconds(mgcnMs), relative, `${when} UTC`];
  });
  const lines = [['device', 'threads', 'steps', 'LightGCN step', 'MGCN step', 'to the best', 'measured'], ...cells];
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return [
    `Speeds of ${speeds.machine}`,
    ...lines.map((line) => `  ${line.map((cell, at) => cell.padEnd(widths[at]!)).join('  ')}`.trimEnd()),
    `New experiments start with ${speeds.device}. ${reasonOf(speeds)}`,
  ];
}
