/** The pages' texts, in a chunk of their own that is read when help or the palette is first opened. */
import { parseArticle, type Article } from './article.ts';
import { helpPages } from './pages.ts';

const files = import.meta.glob<string>('./en/*.md', { query: '?raw', import: 'default', eager: true });

export const articles: readonly Article[] = helpPages.map((id) => {
  const source = files[`./en/${id}.md`];
  if (source === undefined) throw new Error(`there is no help page ${id}.md`);
  return parseArticle(id, source);
});
