/** Text of files and people on its way to a terminal. */

/**
 * Control characters as they are written in source (\u001b): a terminal obeys what it is sent, and names and ids of a file are anybody's.
 * Marks that turn the direction of writing are among them, for they make a line read as another.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, escaped);
}

/** As {@link visible}, of text in lines and columns. */
export function visibleLines(text: string): string {
  return text.replace(/\r?\n|\t|[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, (found) => (/[\n\t]/.test(found) ? found : escaped(found)));
}

/** JSON escapes the first 32 itself; what else a terminal obeys is escaped the same way, so that its value stays. */
export function visibleJson(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/gu, escaped);
}

function escaped(character: string): string {
  return String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
