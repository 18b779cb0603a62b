import type { Adapter } from '../adapter.ts';

export const itemknn: Adapter = { model: 'itemknn', bindings: [], terms: () => [] };
