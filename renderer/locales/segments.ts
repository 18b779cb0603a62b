/** Names of segments as headings: what the studio calls them, said in the language of the page. */
import type { GroupSegment, TableGroup } from '#contract/table.ts';
import { heard, t } from './language.svelte.ts';

/** "cold, 0", "sparse, 1 to 5", "head items": where items stand beside users they are named as such. */
export function segmentHeading(segment: Pick<GroupSegment, 'of' | 'id' | 'label'>): string {
  if (segment.of === 'users') return heard(segment.label);
  return segment.id === 'head' ? t`head items` : segment.id === 'tail' ? t`tail items` : t`cold items`;
}

/** "Baby", "Baby: sparse, 1 to 5". */
export function groupHeading({ name, segment }: Pick<TableGroup, 'name' | 'segment'>): string {
  return segment === undefined ? name : t`${name}: ${segmentHeading(segment)}`;
}
