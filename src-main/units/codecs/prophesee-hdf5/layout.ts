/*
 * Records and filter of the vendor's files: offsets as its library lays them out in memory.
 */

/** Number of the ECF filter among the registered HDF5 filters. */
export const ECF_FILTER = 0x8ecf;

/** The filter as a writer states it. */
export const ecfFilter = { id: ECF_FILTER, name: "ECF", optional: true, values: [] } as const;

/** `/CD/events`. */
export const eventType = {
  bytes: 16,
  fields: [
    { name: "x", offset: 0, bytes: 2, signed: false },
    { name: "y", offset: 2, bytes: 2, signed: false },
    { name: "p", offset: 4, bytes: 2, signed: true },
    { name: "t", offset: 8, bytes: 8, signed: true },
  ],
} as const;

/** `/EXT_TRIGGER/events`. */
export const triggerType = {
  bytes: 24,
  fields: [
    { name: "p", offset: 0, bytes: 2, signed: true },
    { name: "t", offset: 8, bytes: 8, signed: true },
    { name: "id", offset: 16, bytes: 2, signed: true },
  ],
} as const;

/** `/CD/indexes` and `/EXT_TRIGGER/indexes`: a row for each 2 ms. */
export const indexType = {
  bytes: 16,
  fields: [
    { name: "id", offset: 0, bytes: 8, signed: false },
    { name: "ts", offset: 8, bytes: 8, signed: true },
  ],
} as const;
