/** Where a sentence of another stands by itself or within one of ours. Pure. */

export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** With a full stop, in the writing it has; one that is there stays alone. */
export function ended(sentence: string): string {
  if (/[.!?…。！？]$/u.test(sentence)) return sentence;
  return `${sentence}${/\p{Script=Han}/u.test(sentence) ? '。' : '.'}`;
}
