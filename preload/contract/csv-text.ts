/** A field of text in a CSV file (RFC 4180): quoted where it must be, and never a formula that a spreadsheet would run. */
export function csvText(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
