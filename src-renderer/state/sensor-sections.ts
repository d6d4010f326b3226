import type { Param, ParamSpec, RawParams } from "#shared/units/params.ts";

/** A part of a camera's form: who needs it, and its settings under their headings. */
export interface SettingsLevel {
  readonly level: "basic" | "advanced" | "expert";
  readonly label: string;
  readonly groups: readonly { readonly name: string; readonly settings: readonly string[] }[];
  readonly count: number;
  readonly changed: number;
}

const levels = [
  ["basic", "Basic"],
  ["advanced", "Advanced"],
  ["expert", "Expert"],
] as const;

/** Whether every word of a search is in a setting's name, plain or the vendor's, its heading or its help. */
export function matches(name: string, { label, vendorName = "", group = "", help = "" }: Param, search: string): boolean {
  const text = `${name} ${label} ${vendorName} ${group} ${help}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Whether a setting differs from its default. */
export const isChanged = (name: string, param: Param, values: RawParams): boolean =>
  values[name] !== undefined && values[name] !== param.default;

/** The settings of a camera as its form shows them; with a search, only what it finds. */
export function settingsLevels(
  spec: ParamSpec,
  names: readonly string[],
  values: RawParams,
  search: string,
): readonly SettingsLevel[] {
  return levels.flatMap(([level, label]) => {
    const own = names.filter((name) => (spec[name]?.level ?? "basic") === level && spec[name] !== undefined);
    const found = own.filter((name) => matches(name, spec[name] as Param, search.trim()));
    if (found.length === 0) return [];
    const headings = [...new Set(found.map((name) => spec[name]?.group ?? ""))];
    const groups = headings.map((heading) => ({
      name: heading,
      settings: found.filter((name) => (spec[name]?.group ?? "") === heading),
    }));
    const changed = own.filter((name) => isChanged(name, spec[name] as Param, values)).length;
    return [{ level, label, groups, count: found.length, changed }];
  });
}
