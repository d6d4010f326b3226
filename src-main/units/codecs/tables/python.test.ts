import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { randomEvents } from "#main/units/encodings/testing/events.ts";
import { eventStream } from "../event-stream/event-stream.ts";
import { npy } from "../npy/npy.ts";
import { npz } from "../npz/npz.ts";
import { text } from "../text/text.ts";
import { written } from "../testing/round-trip.ts";

const run = promisify(execFile);
const python = process.env["SACCADE_PYTHON"];

/** Prints the digest of what a library reads from the file of its second argument, or `missing` without the library. */
const SCRIPT = `
import sys, json, hashlib
kind, path = sys.argv[1:3]
try:
    import numpy as np
    if kind.startswith("faery"): import faery
    if kind.startswith("tonic"): import tonic
except ImportError:
    print(json.dumps("missing")); sys.exit()
def digest(t, x, y, p):
    rows = np.empty(len(t), dtype=[("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "u1")])
    rows["t"], rows["x"], rows["y"], rows["p"] = t, x, y, p
    return hashlib.sha256(rows.tobytes()).hexdigest()
if kind == "numpy npz":
    found = np.load(path, allow_pickle=False)
    print(json.dumps(digest(found["t"], found["x"], found["y"], found["p"])))
elif kind == "numpy csv":
    found = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.int64)
    print(json.dumps(digest(found[:, 0], found[:, 1], found[:, 2], found[:, 3])))
elif kind == "tonic npy":
    found = np.load(path, allow_pickle=False)
    image = tonic.transforms.ToImage(sensor_size=(240, 180, 2))(found)
    on, off = int(image[1].sum()), int(image[0].sum())
    print(json.dumps(digest(found["t"], found["x"], found["y"], found["p"]) if (on, off) == (int(found["p"].sum()), int((~found["p"]).sum())) else [on, off]))
else:
    stream = faery.events_stream_from_file(path, dimensions_fallback=(240, 180))
    found = stream.to_array()
    print(json.dumps(digest(found["t"], found["x"], found["y"], found["on" if "on" in found.dtype.names else "p"])))
`;

const rows = randomEvents(seeded(9), 5000, { width: 240, height: 180 });

function expectedDigest(): string {
  const bytes = Buffer.alloc(13 * rows.length);
  rows.forEach(([t, x, y, p], i) => {
    bytes.writeBigInt64LE(BigInt(t), 13 * i);
    bytes.writeUInt16LE(x, 13 * i + 8);
    bytes.writeUInt16LE(y, 13 * i + 10);
    bytes[13 * i + 12] = p;
  });
  return createHash("sha256").update(bytes).digest("hex");
}

describe.skipIf(python === undefined)("other programs read what is written (SACCADE_PYTHON names a Python that has them)", () => {
  test.for([
    ["tonic npy", npy, "ours.npy"],
    ["numpy npz", npz, "ours.npz"],
    ["numpy csv", text, "ours.csv"],
    ["faery csv", text, "ours.csv"],
    ["faery es", eventStream, "ours.es"],
  ] as const)("%s", async ([kind, codec, name], context) => {
    const folder = await mkdtemp(join(tmpdir(), "saccade-python-"));
    try {
      const path = join(folder, name);
      await writeFile(path, await written(codec, rows));
      const { stdout } = await run(python!, ["-c", SCRIPT, kind, path]);
      const found = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as unknown;
      if (found === "missing") context.skip(`${kind.split(" ")[0]} is not installed`);
      else expect(found).toBe(expectedDigest());
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
