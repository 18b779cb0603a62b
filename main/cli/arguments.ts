/** From the words of a command line to a command's options and names, with our own words where something is wrong. */
import { parseArgs } from 'node:util';
import { UsageError, type Command, type OptionHelp, type Values } from './command.ts';
import { unknownKey } from '#studio/nearest.ts';

/** Options of every command. */
export const globalOptions = {
  home: { type: 'string', value: 'DIR', help: 'data folder (default: AVOCET_HOME, else the platform\u2019s place)' },
  json: { type: 'boolean', help: 'one JSON value on stdout and nothing else' },
  help: { type: 'boolean', help: 'this text' },
} as const satisfies Readonly<Record<string, OptionHelp>>;

/** The command word may come after global options. */
export function leadingCommand(words: readonly string[]): readonly string[] {
  const at = words.findIndex((entry, index) => !entry.startsWith('-') && words[index - 1] !== '--home');
  if (at < 0) return [];
  return [words[at]!, ...words.slice(0, at), ...words.slice(at + 1)];
}

export function usageOf(command: Command): string {
  return `usage: avocet ${command.name} ${command.usage}`.trimEnd();
}

/** @throws UsageError for an unknown option, one without its value, one with a value it does not take and one given twice that counts once */
export function parse(command: Command, words: readonly string[]): { values: Values; positionals: readonly string[] } {
  const options: Readonly<Record<string, OptionHelp>> = { ...globalOptions, ...command.options };
  const known = Object.fromEntries(Object.entries(options).map(([key, { type }]) => [key, { type }]));
  const { tokens } = parseArgs({ args: [...words], options: known, allowPositionals: true, strict: false, tokens: true });
  const values: Record<string, string | boolean | string[]> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) {
      const names = Object.keys(options).map((key) => `--${key}`);
      throw new UsageError(unknownKey(token.rawName, names, `options of ${command.name}`));
    }
    const { name, value } = token;
    if (option.type === 'boolean') {
      if (value !== undefined) throw new UsageError(`--${name} takes no value, found "${value}"`);
      values[name] = true;
      continue;
    }
    // A number may be negative, so that its own check names the bounds; another option is no value.
    if (value === undefined || (token.inlineValue === false && value.startsWith('--')))
      throw new UsageError(`--${name} needs a value: --${name} ${option.value ?? 'VALUE'} (${usageOf(command)})`);
    if (option.multiple === true) {
      const before = values[name];
      values[name] = [...(Array.isArray(before) ? before : []), value];
    } else if (values[name] === undefined) values[name] = value;
    else throw new UsageError(`--${name} is given twice (${String(values[name])} and ${value}), and ${command.name} takes one`);
  }
  return { values, positionals };
}
