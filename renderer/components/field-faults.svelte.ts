import { getContext, setContext, untrack } from 'svelte';

const key = Symbol();

export const wrongWords = (label: string): string => `“${label}” holds no legal value`;

/**
 * What is typed wrongly in the fields of a form. A field keeps its last legal value until it is put right, so whoever acts on the form
 * asks here first: else it acts on numbers that the person does not see.
 */
class FieldFaults {
  #labels = $state.raw<readonly (readonly [field: symbol, label: string])[]>([]);

  /** What to do before the form can be acted on, or undefined. */
  readonly first = $derived.by((): string | undefined => {
    const [first] = this.#labels;
    return first === undefined ? undefined : wrongWords(first[1]);
  });

  put(field: symbol, label: string): void {
    this.#labels = [...this.#labels.filter(([other]) => other !== field), [field, label]];
  }

  drop(field: symbol): void {
    this.#labels = this.#labels.filter(([other]) => other !== field);
  }
}

/** Called by a form while it is made: gathers the faults of every field inside it. */
export function gatherFaults(): FieldFaults {
  return setContext(key, new FieldFaults());
}

/** The faults of the form around a field, where it gathers them. */
export function faultsAround(): FieldFaults | undefined {
  return getContext<FieldFaults | undefined>(key);
}

/** Tells the form around a field of its fault, as long as it has one. Called while the field is made. */
export function tellsFault(isWrong: () => boolean, label: () => string): void {
  const around = faultsAround();
  const field = Symbol();
  $effect(() => {
    if (around === undefined || !isWrong()) return;
    untrack(() => around.put(field, label()));
    return () => around.drop(field);
  });
}
