/** Units of columns, as a row below the header of a CSV file names them. */
import { metricOf } from './metrics.ts';
import { metricField } from './runs-expression.ts';
import { checkUnits, fieldName, formulaText, runFields } from './runs-fields.ts';
import { parseFormula } from './runs-parser.ts';

/** Of a share, a mean of shares, or their difference. */
const plainUnit = '1';

/**
 * "s", "B", "B/s", "UTC" of a moment; {@link plainUnit} of a metric. Empty for words, for counts, and for what says no unit: settings, a
 * person's own columns, values that another tool logged.
 */
export function unitOf(column: string): string {
  const formula = formulaText(column);
  if (formula !== undefined) return unitOfFormula(formula);
  if (metricField.test(column) || metricOf(column) !== undefined) return plainUnit;
  const field = runFields[fieldName(column)];
  return field?.type === 'time' ? 'UTC' : (field?.unit ?? '');
}

function unitOfFormula(text: string): string {
  const powers = checkUnits(parseFormula(text), text, 'formula');
  if (powers === undefined) return '';
  const factors = (sign: 1 | -1) =>
    Object.entries(powers)
      .filter(([, power]) => power * sign > 0)
      .map(([unit, power]) => (Math.abs(power) === 1 ? unit : `${unit}^${Math.abs(power)}`))
      .join(' ');
  const [over, under] = [factors(1), factors(-1)];
  return under === '' ? over || plainUnit : `${over || plainUnit}/${under}`;
}
