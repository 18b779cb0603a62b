import type { Slope } from '#contract/own-model.ts';
import { UsageError, type Command } from '../command.ts';
import { columns } from '../words.ts';

export const model: Command = {
  name: 'model',
  summary: 'a model of your own: "new NAME" writes a folder with one that works, "check NAME" tries it and compares gradients with slopes',
  usage: 'new NAME | check NAME',
  positionals: { least: 2, most: 2 },
  options: {},
  async run(context) {
    const [verb, id] = context.positionals;
    const link = await context.link({ resume: false });
    switch (verb) {
      case 'new': {
        const made = await link.call('models.create', { id: id! });
        context.print(made.folder);
        for (const file of made.files) context.print(`  ${file}`);
        context.note(`Change it with any editor. It trains as it is: avocet run --dataset demo --model ${id}`);
        return { json: { model: { id, ...made } } };
      }
      case 'check': {
        const check = await link.call('models.check', { id: id! });
        const { card, parameters, losses, remarks, slopes = [] } = check;
        context.print(`${card.title}: ${parameters} numbers on data of 14 users and 11 items, loss ${losses.map(short).join(', ')}`);
        if (slopes.length > 0) {
          const rows = slopes.map((slope) => [
            slope.parameter,
            `[${slope.shape.join(', ')}]`,
            ...numbers(slope),
            slope.isEqual ? 'equal' : 'differs',
          ]);
          for (const line of columns(['parameter', 'shape', 'gradient', 'slope', ''], rows)) context.print(line);
        }
        for (const remark of remarks) context.print(remark);
        const wrong = slopes.filter(({ isEqual }) => !isEqual);
        if (wrong.length > 0)
          context.note(
            `The loss does not fall as its gradient says for ${wrong.map(({ parameter }) => parameter).join(', ')}: look for values that were read back, stopGradient or a jump in loss().`,
          );
        return { json: { check }, exitCode: wrong.length > 0 ? 1 : 0 };
      }
      default:
        throw new UsageError(`"${verb}" is neither new nor check; usage: avocet model new NAME | check NAME`);
    }
  },
};

function numbers({ gradient, slope }: Slope): string[] {
  return [short(gradient), short(slope)];
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
