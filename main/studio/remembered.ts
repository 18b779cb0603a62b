/** Asks for each key once and gives the same answer from then on: for one pass over many runs that share what is asked, not for longer. */
export function remembered<K, V>(ask: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    if (!known.has(key)) known.set(key, ask(key));
    return known.get(key) as V;
  };
}
