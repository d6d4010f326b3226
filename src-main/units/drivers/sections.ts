import type { Param, ParamSpec } from "#shared/units/params.ts";

/**
 * A section of a camera's settings: its heading, who needs it, and the names in it. A name that ends with "*" stands for all that
 * begin so and have no place yet.
 */
export type Section = readonly [group: string, level: "basic" | "advanced" | "expert", ...names: readonly string[]];

/** "ON threshold (bias_diff_on)": a plain name, and the vendor's. */
const LABEL = /^(.+) \(([^()]+)\)$/;

const named = (param: Param): Param => {
  const [, label, vendorName] = LABEL.exec(param.label) ?? [];
  return label === undefined || vendorName === undefined ? param : { ...param, label, vendorName };
};

/** Puts settings into sections and in their order, and takes the vendor's names out of the labels. @throws Error for one without a place. */
export function inSections<const S extends ParamSpec>(spec: S, sections: readonly Section[]): S {
  const placed = new Map<string, Param>();
  for (const [group, level, ...names] of sections) {
    for (const name of names) {
      const found = name.endsWith("*") ? Object.keys(spec).filter((one) => one.startsWith(name.slice(0, -1))) : [name];
      for (const one of found) {
        const param = spec[one];
        if (placed.has(one) || param === undefined) continue;
        placed.set(one, { ...named(param), group, ...(level !== "basic" && { level }) });
      }
    }
  }
  const lost = Object.keys(spec).filter((name) => !placed.has(name));
  if (lost.length > 0) throw new Error(`no section for ${lost.join(", ")}`);
  return Object.fromEntries(placed) as unknown as S;
}
