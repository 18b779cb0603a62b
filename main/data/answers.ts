import type { Choice } from '#contract/dataset-import.ts';
import { dataError } from './issue-log.ts';

/**
 * The person's answers to the choices of an import. An inspection asks every choice and goes on with its default; an import
 * refuses a choice that changes data and was not answered.
 */
export class Answers {
  readonly #given: Readonly<Record<string, string>>;
  readonly #mayAssume: boolean;
  readonly #ask: (choice: Choice) => void;
  readonly #taken: Record<string, string> = {};
  readonly #open: Choice[] = [];

  /** `mayAssume`: an inspection. `ask` is told of every choice. */
  constructor(given: Readonly<Record<string, string>>, mayAssume: boolean, ask: (choice: Choice) => void) {
    this.#given = given;
    this.#mayAssume = mayAssume;
    this.#ask = ask;
  }

  /** The answer to `choice`. `isHarmless`: its default leaves the data as it is, so it may stand unanswered. */
  decide(choice: Choice, isHarmless = false): string {
    this.#ask(choice);
    const given = this.#given[choice.id];
    if (given !== undefined) {
      const option = choice.options.find(({ value }) => value === given);
      if (option === undefined) {
        throw dataError({
          code: 'import.unknown-answer',
          message: `“${given}” is no answer to ${choice.id}.`,
          values: { choice: choice.id, answer: given },
          fix: `Choose one of ${choice.options.map(({ value }) => value).join(', ')}.`,
        });
      }
      if (option.refuses && !this.#mayAssume) {
        throw dataError({
          code: 'import.refused',
          message: `${choice.text}; the import was set to refuse that.`,
          ...(choice.where === undefined ? {} : { where: choice.where }),
          fix: 'Correct the source and import again.',
        });
      }
      this.#taken[choice.id] = given;
      return given;
    }
    if (!isHarmless) this.#open.push(choice);
    this.#taken[choice.id] = choice.default;
    return choice.default;
  }

  /** What was decided, for the record. */
  get taken(): Readonly<Record<string, string>> {
    return this.#taken;
  }

  /** Throws where an import meets a choice nobody answered. */
  requireAll(): void {
    const first = this.#open[0];
    if (this.#mayAssume || first === undefined) return;
    throw dataError({
      code: 'import.choice-needed',
      message: this.#open.map(({ text }) => text).join('; ') + '.',
      values: { choices: this.#open.map(({ id }) => id).join(', ') },
      ...(first.where === undefined ? {} : { where: first.where }),
      fix: `Answer: ${this.#open.map(({ id, options }) => `${id} = ${options.map(({ value }) => value).join(' | ')}`).join('; ')}.`,
    });
  }
}
