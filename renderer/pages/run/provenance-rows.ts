import type { RunDetail, RunSummary } from '#contract/run.ts';
import { bytes, counted, date } from '#renderer/locales/format.ts';
import { heard, t } from '#renderer/locales/language.svelte.ts';

export interface ProvenanceGroup {
  readonly title: string;
  readonly rows: readonly { readonly label: string; readonly value: string; readonly mono?: boolean }[];
}

/** What is needed to repeat a run, in groups of rows. */
export function provenanceRows(run: RunSummary, detail: RunDetail): readonly ProvenanceGroup[] {
  const record: ProvenanceGroup = {
    title: 'Record',
    rows: [
      { label: 'Run', value: run.id, mono: true },
      { label: 'Configuration hash', value: run.configHash, mono: true },
      { label: 'Created', value: date(run.createdAt) },
      ...(run.startedAt === undefined ? [] : [{ label: 'Started', value: date(run.startedAt) }]),
      ...(run.endedAt === undefined ? [] : [{ label: 'Ended', value: date(run.endedAt) }]),
      { label: 'Folder', value: detail.folder, mono: true },
    ],
  };
  const found = detail.provenance;
  if (found === undefined) return [record];
  return [
    {
      title: 'Data',
      rows: [
        { label: 'Dataset', value: run.datasetName },
        { label: 'Split hash', value: found.splitHash, mono: true },
        ...Object.entries(found.featureHashes).map(([name, hash]) => ({ label: `Features, ${name}`, value: hash, mono: true })),
        ...(found.protocolId === undefined ? [] : [{ label: 'Protocol id', value: found.protocolId, mono: true }]),
        { label: 'Item graph', value: found.itemGraph },
      ],
    },
    {
      title: 'Machine',
      rows: [
        { label: 'Device', value: `${heard(found.device)} ${found.deviceVersion}` },
        { label: 'Threads', value: String(found.threads) },
        { label: 'Kernels that fell back', value: found.fallbacks.length === 0 ? t`none` : found.fallbacks.join(', ') },
        ...(found.compile === undefined ? [] : [{ label: 'Training steps', value: heard(found.compile) }]),
        { label: 'Processor', value: found.processor },
        { label: 'Platform', value: found.platform },
        ...(run.peakMemoryBytes === undefined ? [] : [{ label: 'Memory at peak', value: bytes(run.peakMemoryBytes) }]),
      ],
    },
    {
      title: 'Code',
      rows: [
        { label: 'Avocet', value: found.codeVersion, mono: true },
        ...Object.entries(found.libraries).map(([name, version]) => ({ label: name, value: version, mono: true })),
      ],
    },
    ...(Object.keys(found.model).length === 0
      ? []
      : [
          {
            title: 'What the model recorded',
            rows: Object.entries(found.model).map(([label, value]) => ({ label, value: heard(String(value)) })),
          },
        ]),
    { ...record, rows: [...record.rows, { label: 'Attempts', value: counted(run.attempt, 'attempt') }] },
  ];
}
