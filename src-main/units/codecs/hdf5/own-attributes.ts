/** Attributes that describe how another format stored the same recording: they would be wrong here. */
const FOREIGN = new Set([
  "evt",
  "format",
  "geometry",
  "version",
  "sensor_from",
  "end",
  "width",
  "height",
  "columns",
  "time_unit",
  "place",
  "clamped_times",
]);

/** What of a recording's metadata belongs into a new HDF5 file, as names and texts. */
export const ownAttributes = (metadata: Readonly<Record<string, string>>): readonly (readonly [name: string, text: string])[] =>
  Object.entries(metadata).filter(([name]) => !FOREIGN.has(name));
