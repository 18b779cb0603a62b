/** What a paper that uses a run cites, as BibTeX: the model's paper as its card tells it, and the run. Pure. */
import type { ModelCard } from '#contract/model-card.ts';
import type { RunDetail } from '#contract/run.ts';

/** BibTeX counts braces whether or not a backslash stands before them, so those of a name are written as words. */
const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\textbraceleft{}',
  '}': '\\textbraceright{}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
};

export const bibtexText = (text: string): string => text.replace(/\s+/gu, ' ').replace(/[\\{}$&#%_^~]/g, (sign) => special[sign]!);

function entry(key: string, title: string, fields: Readonly<Record<string, string | number | undefined>>): string {
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`  ${name} = {${bibtexText(String(value))}}`],
  );
  // Braces of its own keep the capitals of a title.
  return `@misc{${key.replace(/[^A-Za-z0-9-]+/g, '-')},\n${[`  title = {{${bibtexText(title)}}}`, ...lines].join(',\n')}\n}\n`;
}

/**
 * The model's paper, where it has one, and the run with what repeats it. Cards know no authors, and none are made up. Undefined before
 * the run has a record of what ran.
 */
export function citationOf({ summary, config, provenance }: RunDetail, card: ModelCard | undefined): string | undefined {
  if (provenance === undefined) return undefined;
  const paper = card !== undefined && card.paper.year > 0 ? card.paper : undefined;
  const cited =
    paper === undefined
      ? []
      : [
          entry(`${summary.model}-${paper.year}`, paper.title, {
            year: paper.year,
            howpublished: [paper.venue, paper.arxiv === undefined ? undefined : `arXiv:${paper.arxiv}`].filter(Boolean).join(', '),
            eprint: paper.arxiv,
            archiveprefix: paper.arxiv === undefined ? undefined : 'arXiv',
          }),
        ];
  const facts = [
    `Run ${summary.id}`,
    `dataset ${summary.datasetName}, split hash ${provenance.splitHash}`,
    `seed ${summary.seed}`,
    `configuration hash ${summary.configHash}`,
    ...(config.source === undefined ? [] : [`source of the model, SHA-256 ${config.source}`]),
  ];
  const run = entry(`avocet-run-${summary.id}`, `${summary.modelTitle} on ${summary.datasetName}, seed ${summary.seed}`, {
    year: new Date(summary.endedAt ?? summary.startedAt ?? summary.createdAt).getUTCFullYear(),
    howpublished: `Avocet ${provenance.codeVersion}`,
    note: facts.join('; '),
  });
  return [...cited, run].join('\n');
}
