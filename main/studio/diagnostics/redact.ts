/**
 * Takes out of a text what says who and where somebody is: names, machines, addresses, places in the file system, and whatever may open a
 * door. Rather too much than too little: what is left is still read by its words. Pure.
 */

/** What is known to be private here. */
export interface Private {
  /** Folders and what to call them, e.g. the data folder. */
  readonly folders: readonly { readonly path: string; readonly name: string }[];
  /** Names of the person and the machine, as whole words. */
  readonly words: readonly { readonly word: string; readonly name: string }[];
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** In this order: what opens doors first, then addresses, then places, then names, which are parts of all these. */
export function redact(text: string, { folders, words }: Private): string {
  let out = text;
  for (const [pattern, instead] of doors) out = out.replace(pattern, instead);
  for (const { path, name } of [...folders].sort((a, b) => b.path.length - a.path.length)) {
    if (path.length < 2) continue;
    // As it stands, and as it stands in JSON.
    for (const form of [path, path.replaceAll('\\', '\\\\'), path.replaceAll('\\', '/')])
      out = out.replace(new RegExp(`(?:file:/{2,3})?${escaped(form)}(?=$|[\\\\/\\s"'\`:;,)\\]}<>])`, 'gi'), `<${name}>`);
  }
  for (const [pattern, instead] of places) out = out.replace(pattern, instead);
  for (const { word, name } of words) {
    if (word.length < 2) continue;
    out = out.replace(new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(word)}(?![\\p{L}\\p{N}_])`, 'giu'), `<${name}>`);
  }
  return out;
}

type Rule = readonly [pattern: RegExp, instead: string];

/**
 * Each rule reads a text about once: it begins only where a run of its characters does, or looks no further than a bound. Else a long line of
 * "a.a.a" would be read anew from each of its letters.
 */
const doors: readonly Rule[] = [
  // https://name:word@host, then any address but our own machine's, whose query may hold a token.
  [/\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/@"'<>]*@[^\s"'<>]*/gi, '<link>'],
  [/\b(?:https?|wss?|ssh|git|ftp|s3|gs):\/\/(?!(?:127\.0\.0\.1|localhost|\[::1\])[:/?\s])[^\s"'<>)]+/gi, '<link>'],
  [
    /((?:token|secret|password|passwd|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)\b["']?\s*[:=]\s*["']?)[^\s"'&,;]+/gi,
    '$1<removed>',
  ],
  [/(--(?:token|secret|password|key|api-key)\s+)\S+/gi, '$1<removed>'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 <removed>'],
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g, '<removed>'],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|hf_|sk-|sk_live_|xox[abprs]-|AKIA|AIza)[\w-]{8,}/g, '<removed>'],
  [/\beyJ[\w-]{8,1000}\.[\w-]+(?:\.[\w-]+)?/g, '<removed>'],
  // Anything as long and as mixed as a key: hashes go with them.
  [/(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}(?:\.[\w-]{8,})*(?![\w-])/g, '<removed>'],
  // No longer than a name before the @ may be.
  [/[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+/g, '<email>'],
  [/\b(?!127\.0\.0\.1\b)(?!0\.0\.0\.0\b)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b(?!\.\d)/g, '<address>'],
];

const places: readonly Rule[] = [
  // In quotes a path may have spaces.
  [/(["'`])(?:file:\/{2,3})?(?:[A-Za-z]:[\\/]|\\\\|~[\\/]|\/)(?!\s)[^"'`\n]+\1/g, '$1<path>$1'],
  [/(?:file:\/{2,3})?\b[A-Za-z]:(?:\\\\?|\/)(?:[^\s"'`<>|:*?\\/]+(?: [^\s"'`<>|:*?\\/]+)*(?:\\\\?|\/))*[^\s"'`<>|:*?\\/]*/g, '<path>'],
  [/\\\\[^\s"'`<>\\]+\\[^\s"'`<>]+/g, '<path>'],
  [/(?:file:\/\/|(?<![\w<>/.:-]))~?\/(?:[^\s"'`<>|:;,)\]}/]+\/)*[^\s"'`<>|:;,)\]}/]+\/?/g, '<path>'],
];
