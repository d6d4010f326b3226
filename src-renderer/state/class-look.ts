import type { ClassInfo } from "#shared/api/engine-api.ts";

/** What a class looks like: number, colour and name. */
export type ClassLook = Pick<ClassInfo, "name" | "key" | "color">;

/**
 * Looks for class names of a data set or model. Classes that the workspace knows keep their number and colour; the others take the next
 * free ones, in order.
 */
export function looksOf(names: readonly string[], known: readonly ClassInfo[]): readonly ClassLook[] {
  const taken = new Set<number>();
  const byName = new Map(known.map((item) => [item.name.toLowerCase(), item] as const));
  for (const name of names) {
    const item = byName.get(name.toLowerCase());
    if (item !== undefined) taken.add(item.color);
  }
  let next = 0;
  return names.map((name) => {
    const item = byName.get(name.toLowerCase());
    if (item !== undefined) return { name: item.name, key: item.key, color: item.color };
    while (taken.has(next)) next += 1;
    taken.add(next);
    return { name, key: (next + 1) % 10, color: next };
  });
}
