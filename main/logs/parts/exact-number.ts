/** As people and programs write decimal numbers; "007" and "0x1f" are names. */
const decimal = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const whole = /^[+-]?\d+$/;

/** The number that a word writes; undefined where it is none, or would lose digits as one, such as a long id. */
export function exactNumber(word: string): number | undefined {
  if (!decimal.test(word)) return undefined;
  const number = Number(word);
  return Number.isFinite(number) && (Number.isSafeInteger(number) || !whole.test(word)) ? number : undefined;
}
