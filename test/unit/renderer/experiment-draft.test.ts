import { describe, expect, it } from 'vitest';
import {
  cannotRun,
  emptyDraft,
  firstDraft,
  fromRequest,
  needsOf,
  reasonAgainst,
  stageModelsOf,
  suggestedName,
  toRequest,
} from '#renderer/state/experiment-draft.ts';
import { card as realEgra } from '#models/egra/card.ts';
import { cards, demo, nextItemCard, plain, tiktok } from './cards.ts';

const [lightgcn, mgcn, egra, slmrec] = cards;

describe('what a model needs', () => {
  it('is worded for the column beside it', () => {
    expect(needsOf(lightgcn, cards)).toBe('ids only');
    expect(needsOf(mgcn, cards)).toBe('any modality');
    expect(needsOf(egra, cards)).toBe('pretrains MGCN');
    expect(needsOf(slmrec, cards)).toBe('text');
    expect(needsOf(nextItemCard, cards)).toBe('times, any modality');
  });

  it('names the models that its settings train as stages, and those of every value it varies', () => {
    const choice = { model: 'egra', preset: undefined, values: {}, vary: {} };
    expect(stageModelsOf(realEgra, choice)).toEqual(['mgcn']);
    expect(stageModelsOf(realEgra, { ...choice, preset: 'egra-no-item-block' })).toEqual([]);
    expect(stageModelsOf(realEgra, { ...choice, values: { ii_source: 'self' } })).toEqual(['egra']);
    const vary = { pre_model: ['FREEDOM', 'SIGER'], ii_source: ['pretrained', 'none'], ii_k: [5, 10] };
    expect(stageModelsOf(realEgra, { ...choice, vary })).toEqual(['freedom', 'siger']);
  });

  it('is compared with what the dataset has', () => {
    expect(cannotRun(slmrec, tiktok, 'computed')).toBe('needs text, TikTok has image and audio');
    expect(cannotRun(slmrec, demo, 'computed')).toBeUndefined();
    expect(cannotRun(mgcn, plain, 'computed')).toBe('needs a modality, Log has none');
    expect(cannotRun(lightgcn, plain, 'computed')).toBeUndefined();
    expect(cannotRun(mgcn, demo, 'imported')).toBe('needs an imported item graph, Demo has none');
    expect(cannotRun(lightgcn, demo, 'imported')).toBeUndefined();
  });

  it('are contents, where a model that knows items by their ids would be tested on cold ones', () => {
    const cold = { ...demo, split: { rule: { rule: 'cold-item' as const, share: 0.1, choose: 'random' as const } } };
    expect(cannotRun(lightgcn, cold, 'computed')).toBe('knows items by their ids alone, not for cold items of Demo');
    expect(cannotRun(mgcn, cold, 'computed')).toBeUndefined();
    const coldAlone = { datasets: ['demo'], itemGraph: 'computed', evaluation: { candidates: 'cold-items', validation: 'whole' } } as const;
    expect(reasonAgainst(lightgcn, coldAlone, [demo])).toMatchObject({ everywhere: true });
    expect(reasonAgainst(lightgcn, { ...coldAlone, protocol: 'mmrec' }, [demo])).toBeUndefined();
  });

  it('are times and a split that leaves the last rows out, for one that predicts the next item', () => {
    const timed = { ...demo, hasTimes: true };
    const sequenced = { ...timed, fingerprint: { ...demo.fingerprint, sequenceHash: 'd' } };
    expect(cannotRun(nextItemCard, demo, 'computed')).toBe('needs times and the split “leave one out” by time, Demo has none');
    expect(cannotRun(nextItemCard, timed, 'computed')).toBe('needs times and the split “leave one out” by time, Demo is split otherwise');
    expect(cannotRun(nextItemCard, sequenced, 'computed')).toBeUndefined();
    expect(cannotRun(nextItemCard, { ...sequenced, modalities: [] }, 'computed')).toBe('needs a modality, Demo has none');
  });

  it('is checked against chosen datasets only', () => {
    const sets = [demo, tiktok];
    expect(reasonAgainst(slmrec, { datasets: ['demo'], itemGraph: 'computed' }, sets)).toBeUndefined();
    expect(reasonAgainst(slmrec, { datasets: ['demo', 'tiktok'], itemGraph: 'computed' }, sets)).toEqual({
      reason: 'needs text, TikTok has image and audio',
      everywhere: false,
    });
    expect(reasonAgainst(slmrec, { datasets: ['tiktok'], itemGraph: 'computed' }, sets)?.everywhere).toBe(true);
  });
});

describe('the first draft', () => {
  it('is the demo with LightGCN, MGCN and EGRA on three seeds', () => {
    const draft = firstDraft([tiktok, demo], cards, 'wasm');
    expect(draft.datasets).toEqual(['demo']);
    expect(draft.models.map((choice) => choice.model)).toEqual(['lightgcn', 'mgcn', 'egra']);
    expect(draft.seeds).toEqual([1, 2, 3]);
    expect(suggestedName(draft, cards, [demo])).toBe('LightGCN, MGCN and EGRA on Demo');
  });

  it('leaves out what cannot run', () => {
    expect(firstDraft([plain], cards, 'wasm').models.map((choice) => choice.model)).toEqual(['lightgcn']);
    expect(firstDraft([], cards, 'wasm').models).toEqual([]);
  });
});

describe('the request', () => {
  it('needs a dataset, a model and a seed', () => {
    expect(toRequest(emptyDraft, 'x')).toBeUndefined();
    const draft = firstDraft([demo], cards, 'wasm');
    expect(toRequest({ ...draft, seeds: [] }, 'x')).toBeUndefined();
    expect(toRequest({ ...draft, models: [] }, 'x')).toBeUndefined();
    expect(toRequest(draft, 'Suggested')?.name).toBe('Suggested');
    expect(toRequest({ ...draft, name: ' Mine ' }, 'Suggested')?.name).toBe('Mine');
  });

  it('survives the way back from a clone, with the protocol’s own budget still locked', () => {
    const draft = {
      ...firstDraft([demo], cards, 'cpu'),
      name: 'Depth',
      question: 'Why?',
      budget: { epochs: 50 },
      models: [{ model: 'egra', preset: undefined, values: { tau: 0.4 }, vary: { ii_k: [5, 10] } }],
    };
    const request = toRequest(draft, '');
    expect(request).toBeDefined();
    expect(fromRequest(request!)).toEqual(draft);
    const repeated = fromRequest({
      ...request!,
      budget: { epochs: 1000, minEpochs: 0, patience: 20, batchSize: 1024, learningRate: 1e-3, width: 64 },
    });
    expect(repeated.budget).toEqual({ batchSize: 1024 });
  });
});
