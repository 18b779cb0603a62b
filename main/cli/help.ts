import type { Command, OptionHelp } from './command.ts';

const head = [
  'Avocet: a studio for multimodal recommender experiments.',
  '',
  'npm run -s avocet -- COMMAND, with --help for all its options. Messages write it short: avocet COMMAND.',
  '',
];

/** The help of all commands, or of one with its options. */
export function helpText(commands: readonly Command[], globals: Readonly<Record<string, OptionHelp>>): string {
  const lines = commands.length === 1 ? [] : [...head];
  for (const command of commands) {
    lines.push(`  ${`${command.name} ${command.usage}`.trimEnd()}`, `      ${command.summary}`);
    if (commands.length === 1) lines.push(...optionLines(command.options));
    if (commands.length === 1 && command.details !== undefined) lines.push('', ...command.details.map((line) => `    ${line}`.trimEnd()));
  }
  lines.push('', 'Everywhere:', ...optionLines(globals), '');
  return lines.join('\n');
}

function optionLines(options: Readonly<Record<string, OptionHelp>>): string[] {
  return Object.entries(options).map(
    ([key, option]) => `    ${`--${key}${option.value === undefined ? '' : ` ${option.value}`}`.padEnd(24)} ${option.help}`,
  );
}
