import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { diskError } from './file-stream.ts';
import { parseGraphName, type GraphName } from './graph-file.ts';
import { dataError, type IssueLog } from './issue-log.ts';

/** What the files of an MMRec folder are, by name alone. */
export interface FolderContents {
  readonly name: string;
  readonly folder: string;
  readonly inter: string;
  readonly modalities: readonly { readonly name: string; readonly file: string }[];
  readonly graphs: readonly { readonly graph: GraphName; readonly file: string }[];
  readonly itemTable?: string;
  readonly itemMapping?: string;
  readonly userMapping?: string;
  /** Triples of a knowledge graph. */
  readonly knowledge?: string;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly as: string }[];
}

const itemTableNames = ['items.tsv', 'items.csv', 'items.jsonl'];
const modalityName = /^([A-Za-z][A-Za-z0-9_-]*)_feat\.npy$/;

/** Looks at a folder without opening files. Throws `folder.*` where it is no MMRec folder. */
export async function readFolder(folder: string, issues: IssueLog): Promise<FolderContents> {
  let entries: { name: string; bytes: number }[];
  try {
    const found = await readdir(folder, { withFileTypes: true });
    entries = [];
    for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      const info = await stat(join(folder, entry.name)).catch(() => undefined);
      if (info?.isFile() === true) entries.push({ name: entry.name, bytes: info.size });
    }
  } catch (error) {
    throw diskError(error, folder);
  }
  const inter = chooseInter(
    folder,
    entries.map(({ name }) => name),
  );
  const modalities = new Map<string, string>();
  const graphs: { graph: GraphName; file: string }[] = [];
  let itemTable: string | undefined;
  let itemMapping: string | undefined;
  let userMapping: string | undefined;
  let knowledge: string | undefined;
  const files = entries.map(({ name, bytes }) => {
    let as = 'not used';
    const modality = modalityName.exec(name);
    const graph = name.endsWith('.pt') ? parseGraphName(name) : undefined;
    if (name === inter) as = 'interactions with split';
    else if (modality !== null) {
      const key = modality[1]!.toLowerCase();
      as = `features “${key}”`;
      const other = modalities.get(key);
      if (other !== undefined)
        issues.block({
          code: 'features.duplicate-name',
          message: `${other} and ${name} both hold the modality “${key}”.`,
          where: name,
          fix: 'Keep one of the two files, or rename one.',
        });
      else modalities.set(key, name);
    } else if (graph !== undefined) {
      as = graph.form === 'freedom-mix' ? 'item graph (FREEDOM)' : `item graph of ${graph.modality}`;
      if (graphs.some((known) => known.graph.form === graph.form && known.graph.modality === graph.modality)) {
        as = 'not used: there is such a graph already';
        issues.note({ code: 'graph.several', message: `${name} is left out: a graph of the same kind was read already.`, where: name });
      } else graphs.push({ graph, file: name });
    } else if (itemTableNames.includes(name) && itemTable === undefined) {
      itemTable = name;
      as = 'item table';
    } else if (name.endsWith('.kg') && knowledge === undefined) {
      knowledge = name;
      as = 'knowledge graph';
    } else if (name === 'i_id_mapping.csv') {
      itemMapping = name;
      as = 'raw item ids';
    } else if (name === 'u_id_mapping.csv') {
      userMapping = name;
      as = 'raw user ids';
    } else if (name.endsWith('_graph_dict.npy') || /_graph_dict.*\.npy$/.test(name))
      as = 'not used: computed from train when a model needs it';
    else if (name.endsWith('.inter')) as = 'not used: another interaction file';
    return { name, bytes, as };
  });
  // The sparse cache and the dense one of the same modality hold the same graph; sparse files sort and read faster.
  return {
    name: basename(inter, '.inter'),
    folder,
    inter,
    modalities: [...modalities].map(([name, file]) => ({ name, file })),
    graphs,
    ...(itemTable === undefined ? {} : { itemTable }),
    ...(itemMapping === undefined ? {} : { itemMapping }),
    ...(userMapping === undefined ? {} : { userMapping }),
    ...(knowledge === undefined ? {} : { knowledge }),
    files,
  };
}

function chooseInter(folder: string, names: readonly string[]): string {
  const candidates = names.filter((name) => name.endsWith('.inter'));
  const own = `${basename(folder)}.inter`;
  if (candidates.includes(own)) return own;
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length > 1) {
    throw dataError({
      code: 'folder.several-inter',
      message: `The folder holds ${candidates.length} .inter files: ${candidates.slice(0, 5).join(', ')}.`,
      where: folder,
      fix: `Keep one, or name the one to read ${own}.`,
    });
  }
  const tables = names.filter((name) => /\.(csv|tsv|jsonl?|dat|data)(\.gz)?$/i.test(name));
  throw dataError({
    code: 'folder.no-inter',
    message: names.length === 0 ? 'The folder is empty.' : 'The folder holds no .inter file.',
    where: folder,
    fix:
      tables.length > 0
        ? `To import ${tables[0]} as a log, choose the file instead of the folder.`
        : 'Choose a folder with NAME.inter and, if there are any, *_feat.npy files.',
  });
}
