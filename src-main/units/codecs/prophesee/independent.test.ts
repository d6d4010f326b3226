import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rootDir } from "#main/lib/paths.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { packetOf, randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import { propheseeDat } from "../prophesee-dat/prophesee-dat.ts";
import { propheseeRaw, propheseeRawEvt2 } from "../prophesee-raw/prophesee-raw.ts";
import { memorySink } from "../testing/files.ts";

const python = process.env["SACCADE_PYTHON"];
const script = join(rootDir, "bench", "read_expelliarmus.py");

function has(module: string): boolean {
  if (python === undefined) return false;
  try {
    execFileSync(python, ["-c", `import ${module}`], { stdio: "ignore" });
    return true;
  } catch {
    return false; // a Python without it, or none: the tests are skipped by name
  }
}

/** The events of a file of 13-byte records. */
function recordsOf(bytes: Buffer): EventRow[] {
  return Array.from({ length: bytes.length / 13 }, (_, i) => [
    Number(bytes.readBigInt64LE(13 * i)),
    bytes.readInt16LE(13 * i + 8),
    bytes.readInt16LE(13 * i + 10),
    bytes.readUInt8(13 * i + 12),
  ]);
}

describe.skipIf(!has("expelliarmus"))(
  "expelliarmus reads what we write (SACCADE_PYTHON names a Python with expelliarmus)",
  () => {
    let folder = "";
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "saccade-expelliarmus-"));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test.each([
      // It adds 4096 µs each time TIME_LOW falls, behind a new TIME_HIGH too: its times are right but for multiples of that.
      { encoding: "evt3", codec: propheseeRaw, name: "a.raw", modulo: 4096 },
      { encoding: "evt2", codec: propheseeRawEvt2, name: "b.raw", modulo: 2 ** 53 },
      { encoding: "dat", codec: propheseeDat, name: "c.dat", modulo: 2 ** 53 },
    ])("$encoding", async ({ encoding, codec, name, modulo }) => {
      const sensor = { width: 1280, height: 720 };
      const rows = randomEvents(seeded(8), 20_000, sensor);
      const sink = memorySink();
      const target = await codec.create(sink, { sensor, label: "x" });
      await target.write(packetOf(rows));
      await target.close();
      const path = join(folder, name);
      writeFileSync(path, sink.bytes());
      execFileSync(python!, [script, encoding, path, "1", join(folder, "out")]);
      const times = (all: readonly EventRow[]): EventRow[] => all.map(([t, ...rest]) => [t % modulo, ...rest]);
      expect(times(recordsOf(readFileSync(join(folder, "out"))))).toEqual(times(rows));
    });
  },
);
