/** English words of the context menus. */
import { counted } from './format.ts';

export const words = {
  chart: 'Chart',
  showTable: 'Show as a table',
  copyTable: 'Copy as a table',
  copiedRows: (n: number) => `Copied ${counted(n, 'row')}`,
  saveFigure: 'Save figure…',
  copySummary: 'Copy what it says',
  open: 'Open',
  clone: 'Clone into a new experiment',
  copySentence: 'Copy the run sentence',
  toTrash: 'Move to trash',
  picture: (name: string) => `Picture of ${name}`,
  copyTitle: 'Copy the title',
  copyNumber: 'Copy the item’s number',
  savePicture: 'Save the picture…',
  cell: (label: string) => `Value, ${label}`,
  copyValue: 'Copy the value',
  copyExact: 'Copy with full precision',
  copyWholeTable: 'Copy the table',
  useBaseline: 'Use this row as baseline',
  noBaseline: 'No baseline',
  runsOfCell: 'Show its runs',
  exportTable: 'Export table',
  whatIs: (metric: string) => `What is ${metric}?`,
} as const;
