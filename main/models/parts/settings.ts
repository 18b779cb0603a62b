import type { HyperValues } from '#contract/model-card.ts';

/** Typed access to checked settings; a miss is a programming mistake (card and model disagree), hence the plain error. */
export function settings(hyper: HyperValues) {
  const read = (key: string, type: 'number' | 'string' | 'boolean') => {
    const value = hyper[key];
    if (typeof value !== type) throw new Error(`setting ${key} should be a ${type}, found ${JSON.stringify(value)}`);
    return value;
  };
  return {
    number: (key: string) => read(key, 'number') as number,
    flag: (key: string) => read(key, 'boolean') as boolean,
    choice: <T extends string>(key: string) => read(key, 'string') as T,
  };
}
