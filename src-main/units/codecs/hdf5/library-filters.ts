/** Filters that the library has built in. */
const BUILT_IN = new Map([
  [1, "gzip"],
  [2, "shuffle"],
  [3, "Fletcher-32"],
  [4, "szip"],
  [5, "n-bit"],
  [6, "scale-offset"],
]);

/** Filters that come as plugins: file name of each, by its registered number. */
const PLUGINS = new Map([
  [307, "bz2"],
  [32_000, "lzf"],
  [32_001, "blosc"],
  [32_004, "lz4"],
  [32_008, "bshuf"],
  [32_013, "zfp"],
  [32_015, "zstd"],
  [32_019, "jpeg"],
  [32_026, "blosc2"],
]);

/** Filters that are registered but that nothing here undoes, for messages that name them. */
const OTHERS = new Map([
  [305, "LZO"],
  [32_002, "MAFISC"],
  [32_003, "Snappy"],
  [32_011, "VBZ"],
  [32_012, "FAPEC"],
  [32_017, "SZ"],
  [32_024, "SZ3"],
  [32_028, "FCIDECOMP"],
  [0x8ecf, "ECF"],
]);

/** Name of the plugin that undoes a filter; `undefined` when none is needed, `false` when there is none. */
export function pluginFor(id: number): string | undefined | false {
  if (BUILT_IN.has(id)) return undefined;
  return PLUGINS.get(id) ?? false;
}

/** A filter by name and number. */
export const filterName = (id: number, stated: string): string =>
  `${(BUILT_IN.get(id) ?? PLUGINS.get(id) ?? OTHERS.get(id) ?? stated) || "unknown"} (${id})`;
