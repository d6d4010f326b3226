import { basename } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import type { ByteSource } from "#main/lib/files.ts";
import type { Codec } from "../codec.ts";
import { eventPlaces, type EventPlace } from "../hdf5/event-places.ts";
import { forgetFile, treeOf } from "../hdf5/library.ts";
import type { LibraryTree } from "../hdf5/library-messages.ts";
import { smallNumbers, statedSensor } from "../hdf5/place-facts.ts";
import { placeTable } from "../hdf5/place-table.ts";
import { extensions, isHdf5 } from "../hdf5/superblock.ts";
import { hasVendorGroups } from "../hdf5/vendor.ts";
import type { Answers } from "../reading.ts";
import type { PassRecording } from "../recording.ts";
import { bytesOf, readNumbers } from "../tables/numbers.ts";
import { tableRecording, type NumberTable } from "../tables/table.ts";
import { dsecSink, SHIFT } from "./sink.ts";

/** Cameras of the data sets with this layout: DSEC, and TUM-VIE and VECtor. */
const DSEC: Sensor = { width: 640, height: 480 };
const LARGE: Sensor = { width: 1280, height: 720 };
/** Rows that are looked at in each of a few places, to tell the two apart. */
const LOOK_ROWS = 4096;
const LOOK_PLACES = 8;

const placeIn = (tree: LibraryTree): EventPlace | undefined => eventPlaces(tree).find(({ path }) => path === "/events");

async function accepts(file: ByteSource): Promise<boolean> {
  if (await hasVendorGroups(file)) return false; // quicker than asking the library
  const tree = await treeOf(file);
  const marked = tree.datasets.some(({ path }) => path === "/t_offset" || path === "/ms_to_idx");
  return marked && placeIn(tree) !== undefined;
}

async function open(file: ByteSource, answers: Answers = {}): Promise<PassRecording> {
  try {
    const tree = await treeOf(file);
    const place = placeIn(tree);
    if (place === undefined) throw new AppError("unknown-format", `${file.name} has no /events with x, y, t and p`);
    const [offset] = await smallNumbers(file, tree, "/t_offset");
    const { [SHIFT]: stored, ...attributes } = tree.attributes[""] ?? {};
    const shift = Number.isSafeInteger(Number(stored ?? 0)) ? Number(stored ?? 0) : 0;
    const table = shifted(placeTable(file, place), place, shift);
    const stated = await statedSensor(file, tree, place);
    const sensor = stated ?? (await likelySensor(table, place));
    const reason =
      sensor === DSEC ? "DSEC has 640×480, and no coordinate is larger" : "coordinates are larger than DSEC's 640×480";
    return await tableRecording(
      table,
      {
        name: file.name,
        label: basename(file.name),
        size: file.size,
        encoding: "hdf5",
        metadata: {
          ...attributes,
          ...(offset === undefined ? {} : { t_offset: String(offset - shift) }),
          ...(stated === undefined ? { sensor_from: reason } : {}),
        },
        sensor,
        unit: "us",
        ...(stated === undefined && answers.width === undefined
          ? { guesses: (["width", "height"] as const).map((param) => ({ param, value: sensor[param], reason, sure: true })) }
          : {}),
      },
      answers,
    );
  } catch (error) {
    await forgetFile(file);
    throw error;
  }
}

/** 640×480 unless a few looks find a larger coordinate. */
async function likelySensor(table: NumberTable, { columns, rows }: EventPlace): Promise<Sensor> {
  const wanted = (["x", "y"] as const).map((name) => columns.findIndex((column) => column.name.startsWith(name)));
  const reader = table.reader();
  const numbers = new Float64Array(LOOK_ROWS);
  try {
    for (let i = 0; i < LOOK_PLACES; i += 1) {
      const row = Math.max(0, Math.floor((i * (rows - LOOK_ROWS)) / (LOOK_PLACES - 1)));
      const { rows: count, slabs } = await reader.read(row, Math.min(LOOK_ROWS, rows - row), wanted);
      for (const [k, slab] of slabs.entries()) {
        readNumbers(slab, count, numbers);
        const limit = k === 0 ? DSEC.width : DSEC.height;
        if (numbers.subarray(0, count).some((value) => value >= limit && value < 2 * limit)) return LARGE;
      }
    }
  } finally {
    await reader.done?.();
  }
  return DSEC;
}

/** The table with its times moved by `shift` µs: files of ours keep the time axis of what they were made from. */
function shifted(table: NumberTable, { columns }: EventPlace, shift: number): NumberTable {
  if (shift === 0) return table;
  const t = columns.findIndex(({ name }) => name === "t");
  return {
    ...table,
    reader: () => {
      const reader = table.reader();
      return {
        ...reader,
        read: async (row, count, wanted) => {
          const found = await reader.read(row, count, wanted);
          const slabs = found.slabs.map((slab, i) => {
            if (wanted[i] !== t) return slab;
            const moved = new Float64Array(found.rows);
            readNumbers(slab, found.rows, moved, -shift);
            const bytes = new Uint8Array(moved.buffer);
            return { bytes, offset: 0, stride: bytesOf("f8"), kind: "f8" as const, littleEndian: true };
          });
          return { ...found, slabs };
        },
      };
    },
  };
}

/** HDF5 in the layout of DSEC, TUM-VIE and VECtor. */
export const dsecHdf5 = {
  id: "dsec-hdf5",
  label: "DSEC HDF5",
  summary:
    "Columns under /events with ms_to_idx and t_offset, as DSEC, TUM-VIE and VECtor have them (Gehrig et al. 2021, doi:10.1109/LRA.2021.3068942).",
  params: {},
  extensions,
  probe: isHdf5,
  accepts,
  open,
  create: (file, info, metadata = {}) => dsecSink(file, info.sensor, metadata),
} satisfies Codec;
