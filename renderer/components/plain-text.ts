/**
 * Titles and descriptions of item tables hold HTML entities ("Tracker&reg;"). They are decoded for display alone: the stored text stays as
 * it was, and what looks like a tag stays text, since the result is never rendered as HTML.
 */
export function plainText(text: string): string {
  if (!text.includes('&')) return text;
  // A text area takes entities and nothing else: no element inside it is ever built.
  const area = document.createElement('textarea');
  area.innerHTML = text.replaceAll('<', '&lt;');
  return area.value;
}
