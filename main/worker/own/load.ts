import * as v from 'valibot';
import { hyperFault, modelCardSchema } from '#contract/model-card.ts';
import type { ModelCard } from '#contract/model-card.ts';
import type { OwnSource } from '#contract/own-model.ts';
import { ProblemError } from '#contract/problem.ts';
import { cards } from '#models/cards.ts';
import type { ModelDefinition } from '#models/define-model.ts';
import { OwnModules } from './compile.ts';
import { lineOfField, ownProblem, placeOf } from './source-place.ts';

/**
 * The definition in a folder of the person's own: card and model, checked as those of the studio are. Stages of set models see the
 * studio's own models only.
 * @throws ProblemError own.* that names file, line and field
 */
export function loadOwnModel(own: OwnSource): ModelDefinition {
  const taken = cards.find(({ id }) => id === own.id);
  if (taken !== undefined)
    throw fault(own, {
      code: 'own.taken',
      message: `there is a model ${own.id} already: ${taken.title}`,
      fix: 'Give the folder another name.',
    });
  const modules = new OwnModules(own);
  const card = cardOf(own, modules.load('card.ts')['card']);
  const exported = modules.load('model.ts');
  const definitions = [...new Set(Object.values(exported))].filter(isDefinition);
  if (definitions.length !== 1)
    throw fault(own, {
      code: 'own.no-definition',
      message: `the file exports ${definitions.length === 0 ? 'no model' : `${definitions.length} models`}`,
      where: placeOf(own, 'model.ts'),
      fix: 'It exports one: export const model = defineModel({ card, create: (context) => … }).',
    });
  const definition = definitions[0]!;
  if ((definition.card as ModelCard | undefined)?.id !== card.id)
    throw fault(own, {
      code: 'own.other-card',
      message: 'the model does not have the card of card.ts',
      where: placeOf(own, 'model.ts'),
      fix: "Write import { card } from './card.ts' and hand that card to defineModel.",
    });
  return { ...definition, card };
}

function isDefinition(value: unknown): value is ModelDefinition {
  return typeof value === 'object' && value !== null && 'card' in value && 'create' in value && typeof value.create === 'function';
}

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly where?: string;
  readonly fix: string;
}

function fault(own: OwnSource, { code, message, where = placeOf(own, 'card.ts'), fix }: Fault): ProblemError {
  return new ProblemError({ kind: 'config', code, message, values: { model: own.id }, where, fix });
}

function cardOf(own: OwnSource, found: unknown): ModelCard {
  const text = own.files.find(({ name }) => name === 'card.ts')!.text;
  const wrong = (path: readonly string[], message: string, fix = 'The comments in avocet.d.ts say what each field holds.') =>
    fault(own, {
      code: 'own.card',
      message: `${path.length === 0 ? 'the card' : path.join('.')} ${message}`,
      where: placeOf(own, 'card.ts', lineOfField(text, path)),
      fix,
    });
  if (typeof found !== 'object' || found === null)
    throw fault(own, {
      code: 'own.no-card',
      message: 'the file exports no card',
      fix: 'It exports one: export const card = modelCard({ id, title, … }).',
    });
  const parsed = v.safeParse(modelCardSchema, found);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    const path = (issue.path ?? []).map((step) => String(step.key));
    throw wrong(
      path,
      issue.received === 'undefined' ? `is missing (${issue.expected ?? 'see avocet.d.ts'})` : `is wrong: ${issue.message}`,
    );
  }
  const card = parsed.output;
  if (card.id !== own.id) throw wrong(['id'], `is "${card.id}", the folder is named "${own.id}"`, 'Give both the same name.');
  for (const [key, field] of Object.entries(card.hyper)) {
    const illegal = hyperFault(field, field.default);
    if (illegal !== undefined) throw wrong(['hyper', key, 'default'], illegal, 'A default lies within its own range.');
  }
  for (const list of ['presets', 'ablations'] as const) {
    for (const preset of card[list]) {
      for (const [key, value] of Object.entries(preset.values)) {
        const field = card.hyper[key];
        const keys = Object.keys(card.hyper).join(', ');
        if (field === undefined) throw wrong([list, key], `is not a setting (preset ${preset.id})`, `The card's settings: ${keys}.`);
        const illegal = hyperFault(field, value);
        if (illegal !== undefined) throw wrong([list, key], `${illegal} (preset ${preset.id})`);
      }
    }
  }
  for (const stage of card.stages) {
    for (const model of [stage.model, ...Object.values(stage.modelBy?.models ?? {})]) {
      if (model !== card.id && !cards.some(({ id }) => id === model))
        throw wrong(
          ['stages', 'model'],
          `is "${model}", which is no model of the studio`,
          `Known: ${cards.map(({ id }) => id).join(', ')}.`,
        );
    }
  }
  // Where a folder lies is the studio's to say.
  const { own: _own, ...rest } = card;
  return rest;
}

/** Runs a part of the model and puts a name to what it throws. */
export function ownCall<T>(own: OwnSource, doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ownProblem(own, doing, error);
  }
}
