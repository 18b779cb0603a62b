/**
 * Files of the studio with sentences that cross the border and are shown by the page. They stay English in the studio, in its logs, its
 * files and its terminal; the page says them in the reader's language (locales/heard.ts), from studio.zh.json.
 */

const rooms = /^(?:main\/(?:studio|data|training|worker|store|logs|models|engine\/devices)|preload\/contract)\/.+\.ts$/;
/** Rooms where a string is a query, an operation or a record of its own unless it stands in a problem or in a field that is read. */
const technical = /^main\/(?:models\/|store\/(?!runs-cells|runs-field-info|run-rows))/;

/** What is written into files or read by programs, what the page says by itself, and cards, which are read as values. */
const silent = [
  // But references.ts, which reads a CSV of reported values as well.
  /^main\/studio\/(?:reproduction\/(?!references\.ts$)|diagnostics\/)/,
  /^main\/studio\/(?:command-line|metric-names|sweep-text)\.ts$/,
  /^main\/studio\/own-models\/starter\.ts$/,
  /^main\/studio\/bundle\/(?:verify|procedures)\.ts$/,
  /^main\/data\/(?:csr|neighbour-memory|nearest-rows)\.ts$|^main\/data\/(?:demo\/(?!demo)|external\/handover|formats\/npy-writer)/,
  /^main\/worker\/(?:owner-watch|own\/trial-data|own\/provenance)\.ts$/,
  /^main\/logs\/parts\/log-text\.ts$/,
  /^main\/engine\/devices\/(?:fallbacks|huge-pages|wasm-cores|wasm-gemm|wasm-replaced|wasm-plan-compare)\.ts$/,
  /^main\/engine\/devices\/tensorflow\/(?:c-api|find-library|graph|info-nce|pack|propagation|sparse|trace|workspace)\.ts$/,
  /^main\/engine\/devices\/webgpu\/(?:runner|sums)\.ts$/,
  /^main\/store\/(?:console-words|constant-settings|new-run|runs|runs-words)\.ts$/,
  /^main\/models\/(?:cards|.+card)\.ts$/,
  /^preload\/contract\/(?:amounts|codec|external-help|keys|log-import|page-policy|plain-text|shortcuts|speed|table)\.ts$/,
];

export function speaksFromTheStudio(path: string): boolean {
  return rooms.test(path) && !path.endsWith('.d.ts') && !silent.some((file) => file.test(path));
}

/** Do strings count that only look like sentences, wherever they stand? */
export const isFreelySpoken = (path: string): boolean => !technical.test(path);

/** Tables and functions of words alone: there a single word in lower case is said as well. */
export const isStudioWordFile = (path: string): boolean => /(?:\/sentence|-words)\.ts$/.test(path);

/** Properties that hold a sentence, whatever it looks like. */
export const saidByTheStudio = /^(?:message|fix|where|label|title|text|hint|says|about|reason|basis|note|summary|help|definition|detail)$/;

const queryLike =
  /^(?:SELECT|INSERT|UPDATE|DELETE|PRAGMA|BEGIN|CREATE|VACUUM|OR REPLACE|NOT coalesce)\b|\b(?:NULL|WHERE|EXISTS|LIKE|coalesce|json_\w+|CASE|IN) ?\(|\bIS (?:NOT )?NULL|IN \(SELECT|ORDER BY| LIKE \?|\bNULL\b|^NOT \{0\}/;
const nameLike = /^[\w{}./×$-]+$|\b[rxmjas]\.[a-z_]+|\be\.(?:id|name)\b/;

/** Sentences and words among what looks like such: no queries, names of files, or places alone. */
export function isSaidByTheStudio(key: string): boolean {
  return !queryLike.test(key) && /\p{L}{2}/u.test(key.replace(/\{\d+\}/g, ' ')) && !(nameLike.test(key) && /[_.\d{]/.test(key));
}

/** Words that look like keys of the program and are read all the same, by the file that says them. */
export const alsoSaid: Readonly<Record<string, readonly string[]>> = {
  'main/studio/comparability.ts': ['validation-selected'],
  // Why a cell is empty: states of runs among other words.
  'main/store/runs-cells.ts': ['failed', 'diverged', 'paused', 'lost', 'stopped'],
  // How training steps ran: the word, and why not otherwise.
  'main/engine/ops/train-step.ts': ['compiled', 'eager', 'compiling is switched off', 'this device compiles no steps'],
  'preload/contract/statistics.ts': ['rank-biserial'],
  'preload/contract/table.ts': ['validation', 'test'],
  'preload/contract/segments.ts': ['head', 'tail', 'cold'],
};
