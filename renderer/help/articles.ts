/** The pages' texts, in a chunk of their own that is read when help or the palette is first opened. */
import { parseArticle, type Article } from './article.ts';
import { helpPages } from './pages.ts';

const files = import.meta.glob<string>('./{en,zh}/*.md', { query: '?raw', import: 'default', eager: true });

function pagesIn(language: 'en' | 'zh'): readonly Article[] {
  return helpPages.map((id) => {
    const source = files[`./${language}/${id}.md`];
    if (source === undefined) throw new Error(`there is no help page ${language}/${id}.md`);
    return parseArticle(id, source);
  });
}

/** Every page as it was written in English and in Chinese. A test holds both to the same sections, links and code. */
export const articles: Readonly<Record<'en' | 'zh', readonly Article[]>> = { en: pagesIn('en'), zh: pagesIn('zh') };
