/** What a table's numbers are, as named sentences: the sheet of facts of a workbook and the comment lines of a CSV file. */
import type { ExportOptions, Table } from '#contract/table.ts';
import { groupTitle, selectionState } from '#contract/table.ts';
import { captionText } from '#contract/table-words.ts';
import { baselineTitle, citations, inferredNote, reportedRows } from './format.ts';

export function tableFacts(table: Table, options: ExportOptions): readonly (readonly [name: string, text: string])[] {
  const { made, selections = [], stars, gains } = table;
  const sources = citations(reportedRows(table, options));
  return [
    ['Title', table.title],
    ['Caption', captionText(table, { ...options, date: false })],
    ['Values', `${table.part}, ${selectionState(table)}`],
    ...(made === undefined ? [] : [['Made', `${made.on} by Avocet ${made.version}`] as const]),
    ...table.groups.map((group) =>
      group.segment === undefined
        ? ([`Split of ${group.name}`, `${group.splitHash ?? group.split} (${group.dataset})`] as const)
        : ([`Segment ${groupTitle(group)}`, `${group.segment.about} ${group.segment.n} users.`] as const),
    ),
    ...table.groups.flatMap(({ name, segment, protocolId }) =>
      segment === undefined && protocolId !== undefined ? [[`Protocol id of ${name}`, protocolId] as const] : [],
    ),
    ...(table.protocols === undefined ? [] : [['Protocol', table.protocols.join(' and ')] as const]),
    ...table.metrics.map(({ label, better, definition }) => [label, `${better} is better. ${definition}`] as const),
    ...(options.stars && stars !== undefined ? [['Stars', starWords(stars)] as const] : []),
    ...(options.gain && gains !== undefined
      ? [['Gain', `Of the best other row over ${baselineTitle(table)}, as a share of its mean`] as const]
      : []),
    ...selections.map(
      ({ experiment, criterion, candidates, frozenAt, frozenBy }) =>
        [
          `Selection of ${experiment}`,
          `${criterion}; ${candidates} candidates; frozen ${new Date(frozenAt).toISOString()}${frozenBy === '' ? '' : ` by ${frozenBy}`}`,
        ] as const,
    ),
    ...(options.inferredMarks ? table.rows.filter(({ inferred }) => inferred).map(({ title }) => [title, inferredNote] as const) : []),
    ...sources.map((source, at) => [`Source [${at + 1}]`, `${source}; printed values, outside marks, ranks and tests`] as const),
    ...table.comparable.reasons.map((text) => ['Not comparable', text] as const),
    ...table.comparable.warnings.map((text) => ['Compare with care', text] as const),
    ...table.notes.map((text) => ['Note', text] as const),
  ];
}

function starWords({ caption, blocked }: NonNullable<Table['stars']>): string {
  return blocked.length === 0 ? caption : `${caption} No stars: ${blocked.join('; ')}.`;
}
