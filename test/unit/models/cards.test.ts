import { describe, expect, it } from 'vitest';
import { resolveHyper } from '#contract/model-card.ts';
import { cardById, cards } from '#models/cards.ts';
import { modelById, models } from '#models/registry.ts';

describe('model cards', () => {
  it('stand in the registry in the same order', () => {
    expect(models.map(({ card }) => card)).toEqual(cards);
    expect(cardById('mgcn')!.title).toBe('MGCN');
    expect(cardById('nothing')).toBeUndefined();
  });

  it('name the known models where one is unknown', () => {
    expect(() => modelById('ngcf')).toThrow('there is no model named ngcf');
    try {
      modelById('ngcf');
    } catch (error) {
      expect((error as { problem: { fix: string } }).problem.fix).toContain('bpr, lightgcn, vbpr, freedom, mgcn, egra, siger');
    }
  });

  it('have the defaults of the reference', () => {
    const defaults = (id: string) => resolveHyper(cardById(id)!, undefined, {});
    expect(defaults('lightgcn')).toEqual({ n_layers: 3, reg_weight: 1e-4 });
    expect(defaults('freedom')).toMatchObject({ n_ui_layers: 2, n_mm_layers: 1, knn_k: 10, mm_image_weight: 0.1, reg_weight: 0 });
    expect(defaults('mgcn')).toMatchObject({ n_ui_layers: 2, n_layers: 1, knn_k: 10, reg_weight: 1e-4, cl_loss: 0.01 });
    expect(defaults('layergcn')).toMatchObject({ n_layers: 4, dropout: 0.1, reg_weight: 1e-3 });
    expect(defaults('selfcf')).toMatchObject({ n_layers: 2, dropout: 0.2, reg_weight: 1e-5 });
    expect(defaults('bm3')).toMatchObject({ n_layers: 1, dropout: 0.5, cl_weight: 2, reg_weight: 0.1 });
    expect(defaults('itemknn')).toEqual({ knn_k: 10, shrink: 10 });
    expect(defaults('mmgcn')).toMatchObject({ dim_latent: 256, untrained_tables: 'released' });
    expect(defaults('grcn')).toMatchObject({ n_layers: 3, routing: 'released', reg_weight: 0 });
    expect(defaults('dualgnn')).toMatchObject({ user_graph_k: 40, user_views: 'released', reg_weight: 1e-3 });
    expect(defaults('lattice')).toMatchObject({ n_ui_layers: 2, n_layers: 1, knn_k: 10, lambda_coeff: 0.9, reg_weight: 0 });
    expect(defaults('slmrec')).toMatchObject({ layer_num: 3, temp: 0.2, ssl_temp: 0.2, ssl_alpha: 0.01, weight_decay: 1e-4 });
    expect(defaults('dragon')).toMatchObject({ n_mm_layers: 1, knn_k: 10, mm_image_weight: 0.1, user_graph_k: 40, reg_weight: 1e-3 });
    expect(defaults('mvgae')).toMatchObject({ n_layers: 1, dim_latent: 128, beta: 0.1, item_rows: 'released' });
    expect(defaults('bbqrec')).toEqual({
      n_layers: 2,
      n_heads: 2,
      max_length: 50,
      dropout: 0.2,
      attention: 'similarity',
      bins: 8,
      tau: 0.07,
      score: 'dot',
      semantic_ids: 'on',
      behaviour: 'on',
      levels: 3,
      codes: 256,
      commitment: 0.25,
      hidden: 256,
      align_tau: 0.1,
      beh_weight: 0.1,
      mi_weight: 0.01,
      recon_weight: 1,
    });
    expect(cardById('bbqrec')).toMatchObject({ task: 'next-item', inferred: true, needs: ['any'] });
    for (const id of ['mmgcn', 'grcn', 'dualgnn', 'dragon', 'slmrec', 'mvgae'])
      expect(defaults(id)).toMatchObject({ stale_eval: 'released' });
    expect(cardById('lattice')).toMatchObject({ lrDecay: 0.96 });
    expect(defaults('egra')).toEqual({
      ii_source: 'pretrained',
      pre_model: 'MGCN',
      pre_cl_loss: 0.01,
      pre_repr: 'final',
      self_epochs: 20,
      self_refresh: 0,
      ii_k: 10,
      ii_weight: 'binary',
      ii_sym: 'max',
      ii_coef: 1,
      ii_norm: 'block',
      n_ui_layers: 3,
      mod_graph: 'raw',
      mod_k: 10,
      n_mm_layers: 1,
      fusion: 'mgcn',
      feat_trainable: true,
      align: 'anchor',
      anchor_form: 'partner',
      tau: 0.2,
      nce_duplicates: 'keep',
      ent_weight: 'softmax',
      tau_w: 1,
      epoch_weight: 'linear',
      lambda_max: 1e-2,
      lambda0_ratio: 0.5,
      warm_epochs: 20,
      reg_weight: 1e-4,
    });
    expect(cardById('egra')).toMatchObject({ lrDecay: 0.96, minEpochs: 40, inferred: true });
    expect(cardById('mgcn')).toMatchObject({ lrDecay: 0.96, minEpochs: 0, inferred: false });
  });

  it('say what they assume and when they fail', () => {
    for (const card of cards) expect(card.assumes, card.id).toMatch(/ fails? |gains least|knows nothing|Nothing pushes|ranks poorly/);
  });

  it('say of every inferred setting what is published and what is our reading', () => {
    for (const card of cards) {
      for (const [key, field] of Object.entries(card.hyper)) {
        expect(field.help.length, `${card.id}.${key}`).toBeGreaterThan(0);
        if (field.mark !== 'inferred') continue;
        expect(field.published, `${card.id}.${key}`).toBeTruthy();
        expect(field.reading, `${card.id}.${key}`).toBeTruthy();
      }
    }
  });
});
