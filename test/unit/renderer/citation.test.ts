import { describe, expect, it } from 'vitest';
import type { RunDetail } from '#contract/run.ts';
import { bibtexText, citationOf } from '#renderer/state/citation.ts';
import { comparedRun } from '#test/fixtures/compared-runs.ts';
import { cards } from '#models/cards.ts';
import { egraCard } from './cards.ts';

const provenance: NonNullable<RunDetail['provenance']> = {
  codeVersion: '0.1.0',
  libraries: {},
  device: 'wasm',
  deviceVersion: '',
  threads: 1,
  platform: '',
  processor: '',
  fallbacks: [],
  splitHash: 'ab12',
  featureHashes: {},
  itemGraph: 'computed',
  model: {},
};

function detail(part: Partial<RunDetail> = {}, name = 'Demo'): RunDetail {
  const { summary, config } = comparedRun({ model: 'egra', seed: 3, recall: 0.1 }, 7);
  return {
    summary: { ...summary, datasetName: name, configHash: 'c0ffee', endedAt: Date.UTC(2026, 10, 22) },
    config,
    stages: [],
    attempts: [],
    provenance,
    artifacts: [],
    folder: '',
    command: '',
    ...part,
  };
}

const card = { ...egraCard, paper: { title: 'EGRA: Enhanced Behavior Graph', year: 2025, arxiv: '2508.16170', venue: 'ACM MM' } };
const run = `@misc{avocet-run-run-7,
  title = {{EGRA on Demo, seed 3}},
  year = {2026},
  howpublished = {Avocet 0.1.0},
  note = {Run run-7; dataset Demo, split hash ab12; seed 3; configuration hash c0ffee}
}
`;

describe('the citation of a run', () => {
  it('holds what a card calls its paper and no remark about it', () => {
    for (const own of cards) expect(own.paper.title, own.id).not.toMatch(/[()]|unconfirmed/);
  });

  it('is of the paper as its card tells it, without authors, and of the run with what repeats it', () => {
    expect(citationOf(detail(), card)).toBe(`@misc{egra-2025,
  title = {{EGRA: Enhanced Behavior Graph}},
  year = {2025},
  howpublished = {ACM MM, arXiv:2508.16170},
  eprint = {2508.16170},
  archiveprefix = {arXiv}
}

${run}`);
  });

  it('leaves out what the card does not tell', () => {
    const { arxiv: _none, ...paper } = card.paper;
    expect(citationOf(detail(), { ...card, paper })).toContain('  howpublished = {ACM MM}\n}\n');
    expect(citationOf(detail(), { ...card, paper: { title: 'T', year: 2025 } })).toContain('  title = {{T}},\n  year = {2025}\n}\n');
  });

  it('is of the run alone where the model is of one’s own, or its card is gone', () => {
    expect(citationOf(detail(), { ...card, paper: { title: 'your own model', year: 0 } })).toBe(run);
    expect(citationOf(detail(), undefined)).toBe(run);
    const own = detail({ config: { ...detail().config, source: 'f00d' } });
    expect(citationOf(own, undefined)).toContain('; source of the model, SHA-256 f00d}');
  });

  it('is not there before anything is recorded', () => {
    const { provenance: _none, ...waiting } = detail();
    expect(citationOf(waiting, card)).toBeUndefined();
  });

  it('writes signs of BibTeX as text, with braces that balance', () => {
    expect(bibtexText('A & B_1 50% #2 $x^2~ \\n')).toBe(
      'A \\& B\\_1 50\\% \\#2 \\$x\\textasciicircum{}2\\textasciitilde{} \\textbackslash{}n',
    );
    const cited = citationOf(detail({}, 'half { of a\nname}}'), card)!;
    expect(cited).toContain('EGRA on half \\textbraceleft{} of a name\\textbraceright{}\\textbraceright{}, seed 3');
    expect(cited.match(/\{/g)).toHaveLength(cited.match(/\}/g)!.length);
  });
});
