import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { commandHelp } from '#contract/external-help.ts';
import { oneOf, type Command } from '../command.ts';

const examples = { pytorch: 'lightgcn_pytorch.py', python: 'mf_plain.py', node: 'popularity.mjs' } as const;

export const ownCommand: Command = {
  name: 'own-command',
  summary: 'explains what a command of yours is given by run --command, says and leaves; with --example, prints a program that does it',
  usage: '[--example pytorch|python|node]',
  positionals: { least: 0, most: 0 },
  options: {
    example: { type: 'string', value: 'KIND', help: 'pytorch (LightGCN), python (BPR without libraries) or node (popularity, as lists)' },
  },
  async run({ values, print, write, isJson }) {
    const kind = oneOf(values, 'example', ['pytorch', 'python', 'node']);
    if (kind !== undefined) {
      const path = fileURLToPath(new URL(`../../../resources/examples/${examples[kind]}`, import.meta.url));
      const source = await readFile(path, 'utf8');
      write(source);
      return { json: { example: { file: examples[kind], source } } };
    }
    for (const { title, rows } of commandHelp) {
      print(title);
      for (const { term, words } of rows) print(`  ${term.padEnd(24)} ${words}`);
      print('');
    }
    print('npm run -s avocet -- run --dataset D --model NAME --command "python train.py" --folder DIR --set layers=2 --seeds 1,2,3');
    return isJson ? { json: { help: commandHelp } } : {};
  },
};
