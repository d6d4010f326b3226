import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packetOf } from "#main/units/encodings/testing/events.ts";
import { sharedData } from "#main/lib/testing/shared-data.ts";
import { EventDigest, inspectRecording } from "./inspect.ts";

const data = sharedData();

/** The fields of the sample manifest that are compared. */
interface Sample {
  readonly path: string;
  readonly bytes: number;
  readonly sensor: { readonly width: number; readonly height: number };
  readonly events: number;
  readonly on: number;
  readonly off: number;
  readonly t_min_us: number;
  readonly t_max_us: number;
  /** Absent, as the digest, where there are no events. */
  readonly backward_steps?: number;
  readonly first_events: readonly (readonly number[])[];
  readonly last_events: readonly (readonly number[])[];
  readonly canonical_sha256?: string;
  readonly triggers?: { readonly count: number };
  readonly trailing_bytes?: number;
}

const manifest = (): readonly Sample[] =>
  data === undefined
    ? []
    : (JSON.parse(readFileSync(join(data, "samples", "manifest.json"), "utf8")) as { files: Sample[] }).files;
/** Folders of samples that are read, and what reads them; the others have to be refused. One line each. */
const READ = [
  { folder: "hdf5-ecf", codec: "prophesee-hdf5", encoding: "ecf" },
  { folder: "evt3", codec: "prophesee-raw", encoding: "evt3" },
  { folder: "evt2", codec: "prophesee-raw", encoding: "evt2" },
  { folder: "evt21/evt21_little", codec: "prophesee-raw", encoding: "evt21" },
  { folder: "evt21/evt21_legacy", codec: "prophesee-raw", encoding: "evt21-legacy" },
  { folder: "dat/version1", codec: "prophesee-dat", encoding: "dat-v1" },
  { folder: "dat/ext_trigger", codec: "prophesee-dat", encoding: "dat-triggers" },
  { folder: "dat", codec: "prophesee-dat", encoding: "dat" },
  { folder: "atis-bin", codec: "nmnist-bin", encoding: "atis-5byte" },
];
/** Folders whose samples have a test of their own. */
const ELSEWHERE = ["hdf5", "aedat1", "aedat2", "aedat3", "aedat4", "es", "text", "npy", "mat", "ros"];
/** The first line that names the folder of a sample, or the sample itself without its extension. */
const readerOf = (path: string) => READ.find(({ folder }) => path.startsWith(`${folder}/`) || path.startsWith(`${folder}.`));
const ours = manifest().filter(({ path }) => readerOf(path) !== undefined);

describe.skipIf(data === undefined)("sample recordings (reference data not at hand)", () => {
  test.each(READ)("there are samples in $folder", ({ folder }) => {
    expect(ours.some(({ path }) => readerOf(path)?.folder === folder)).toBe(true);
  });

  test.each(ours)("$path", async (sample) => {
    const path = join(data!, "samples", sample.path);
    const found = await inspectRecording(path, { digest: true });
    expect(found).toMatchObject({
      path,
      codec: readerOf(sample.path)?.codec,
      encoding: readerOf(sample.path)?.encoding,
      bytes: sample.bytes,
      sensor: { width: sample.sensor.width, height: sample.sensor.height },
      range: sample.events === 0 ? { start: 0, end: 0 } : { start: sample.t_min_us, end: sample.t_max_us + 1 },
      events: sample.events,
      on: sample.on,
      off: sample.off,
      first: sample.first_events,
      last: sample.last_events,
      triggers: sample.triggers?.count ?? 0,
      monotonic: (sample.backward_steps ?? 0) === 0,
      digest: sample.canonical_sha256 ?? createHash("sha256").digest("hex"),
    });
    expect(found.rateHz.peak).toBeGreaterThanOrEqual(found.rateHz.mean);
    const tail = sample.bytes % 5 !== 0 && sample.path.startsWith("atis") ? sample.bytes % 5 : (sample.trailing_bytes ?? 0);
    expect(found.damage.filter(({ reason }) => reason.includes("cut off")).map(({ bytes }) => bytes)).toEqual(
      tail === 0 ? [] : [tail],
    );
    if (sample.path.includes("padding")) expect(found.damage).toMatchObject([{ bytes: 100 }]);
    else if (sample.path.includes("without_time_high")) expect(found.damage.length).toBe(2);
    else expect(found.damage.length).toBe(tail === 0 ? 0 : 1);
  });

  const refused = manifest().filter(({ path }) => readerOf(path) === undefined && !ELSEWHERE.includes(path.split("/")[0]!));
  test.each(refused)("$path is refused", async ({ path }) => {
    await expect(inspectRecording(join(data!, "samples", path))).rejects.toMatchObject({
      code: "unknown-format",
    });
  });

  test("all N-MNIST recordings", async () => {
    const root = join(data!, "datasets", "nmnist-mnist-pairs");
    const rows = readFileSync(join(root, "index.csv"), "utf8").trim().split("\n").slice(1);
    expect(rows.length).toBe(1090);
    const differing: string[] = [];
    for (const row of rows) {
      const [path = "", , , , events, on, first, last] = row.split(",");
      const found = await inspectRecording(join(root, path), { digest: true });
      const bytes = readFileSync(join(root, path));
      const same =
        found.events === Number(events) &&
        found.on === Number(on) &&
        found.first[0]?.[0] === Number(first) &&
        found.last.at(-1)?.[0] === Number(last) &&
        found.range.end === Number(last) + 1 &&
        found.sensor.width === 34 &&
        found.sensor.height === 34 &&
        found.damage.length === 0 &&
        found.digest === independentDigest(bytes);
      if (!same) differing.push(path);
    }
    expect(differing).toEqual([]);
  });
});

/** A second, slow reader of ATIS records, which shares nothing with ours. */
function independentDigest(bytes: Uint8Array): string {
  const out = Buffer.alloc((bytes.length / 5) * 13);
  for (let i = 0; i < bytes.length / 5; i += 1) {
    const [x = 0, y = 0, b2 = 0, b3 = 0, b4 = 0] = bytes.subarray(5 * i, 5 * i + 5);
    out.writeBigInt64LE(BigInt((b2 % 128) * 65536 + b3 * 256 + b4), 13 * i);
    out.writeUInt16LE(x, 13 * i + 8);
    out.writeUInt16LE(y, 13 * i + 10);
    out.writeUInt8(b2 >= 128 ? 1 : 0, 13 * i + 12);
  }
  return createHash("sha256").update(out).digest("hex");
}

describe("files that cannot be used", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "saccade-inspect-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const header = "% evt 3.0\n% format EVT3;height=480;width=640\n% end\n";
  const words = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
  test.each([
    ["empty.raw", Buffer.alloc(0), "empty"],
    ["half-header.raw", Buffer.from(header.slice(0, -3)), "empty"],
    ["half-word.raw", Buffer.concat([Buffer.from(header), Buffer.from([1])]), "empty"],
    ["no-time.raw", Buffer.concat([Buffer.from(header), words(0x0001, 0x2001, 0x2002)]), "damaged"],
    ["wrong-size.raw", Buffer.concat([Buffer.from(header), words(0x8001, 0x0001, 0x2001, 0x27ff)]), "damaged"],
    ["text.raw", Buffer.from("t,x,y,p\n".repeat(20)), "unknown-format"],
    ["evt5.raw", Buffer.concat([Buffer.from("% evt 5.0\n"), words(0x8001, 0x0001)]), "unknown-format"],
    ["flow.dat", Buffer.concat([Buffer.from("% Version 2\n% end\n"), Buffer.from([40, 16])]), "unsupported"],
    ["size.dat", Buffer.concat([Buffer.from("% Version 2\n% end\n"), Buffer.from([12, 0])]), "damaged"],
    ["noise.bin", createHash("sha512").update("noise").digest(), "unknown-format"],
    ["empty.bin", Buffer.alloc(0), "empty"],
    ["short.bin", Buffer.from([1, 2, 3]), "unknown-format"],
  ])("%s", async (name, bytes, code) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const error = await inspectRecording(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect((error as { message: string }).message).toContain(path);
    expect((error as { hint?: string }).hint).toBeTruthy();
  });

  test.each([
    ["header-only.raw", Buffer.from(header)],
    ["times-only.raw", Buffer.concat([Buffer.from(header), words(0x8001, 0x6001)])],
  ])("%s is whole and holds no events", async (name, bytes) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    expect(await inspectRecording(path)).toMatchObject({ events: 0, range: { start: 0, end: 0 }, damage: [] });
  });

  test("a missing file and a folder", async () => {
    await expect(inspectRecording(join(folder, "none.raw"))).rejects.toMatchObject({ code: "not-found" });
    await expect(inspectRecording(folder)).rejects.toMatchObject({ code: "bad-argument" });
  });
});

test("the digest covers 13 little-endian bytes an event, times beyond 32 bits included", () => {
  const digest = new EventDigest();
  digest.add(packetOf([[5_000_000_000_123, 0x1234, 0x0567, 1]]));
  const bytes = Buffer.alloc(13);
  bytes.writeBigInt64LE(5_000_000_000_123n);
  bytes.writeUInt16LE(0x1234, 8);
  bytes.writeUInt16LE(0x0567, 10);
  bytes[12] = 1;
  expect(digest.hex()).toBe(createHash("sha256").update(bytes).digest("hex"));
});
