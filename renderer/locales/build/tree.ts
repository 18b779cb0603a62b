/** Nodes of a syntax tree as Vite's and Svelte's parsers make them: ESTree with places, known by their fields alone. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The node in a field, if there is one. */
export function child(node: Node, field: string): Node | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

/** The nodes in a field that holds a list; holes are left out. */
export function children(node: Node, field: string): readonly Node[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** A field that holds text, else nothing. */
export function word(node: Node | undefined, field: string): string | undefined {
  const value = node?.[field];
  return typeof value === 'string' ? value : undefined;
}

/** Every node below this one, one level down, with the name of its field, in the order of the source. */
export function below(node: Node): readonly (readonly [field: string, node: Node])[] {
  const found: (readonly [string, Node])[] = [];
  for (const [field, value] of Object.entries(node)) {
    if (field === 'loc' || field === 'leadingComments' || field === 'trailingComments') continue;
    for (const item of Array.isArray(value) ? (value as readonly unknown[]) : [value]) if (isNode(item)) found.push([field, item]);
  }
  return found.sort(([, a], [, b]) => a.start - b.start);
}
