import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { memorySink } from "../testing/files.ts";
import { aedat4 } from "./aedat4.ts";
import { everything } from "./seeds.ts";

const run = promisify(execFile);
const python = process.env["SACCADE_PYTHON"];

/** Reads the file of its argument with both libraries and prints what they found. */
const SCRIPT = `
import sys, json, hashlib
import numpy as np
import aedat, dv_processing as dv
events, frames, imus, triggers = [], [], [], []
for packet in aedat.Decoder(sys.argv[1]):
    if "events" in packet: events.append(packet["events"].copy())
    if "frame" in packet: frames.append([packet["frame"]["t"], packet["frame"]["width"], packet["frame"]["height"]])
    if "imus" in packet: imus.extend(int(t) for t in packet["imus"]["t"])
    if "triggers" in packet: triggers.extend([int(row["t"]), int(row["source"])] for row in packet["triggers"])
first = {
    "events": hashlib.sha256(np.concatenate(events).tobytes()).hexdigest(),
    "frames": frames, "imu": imus, "triggers": triggers,
}
recording = dv.io.MonoCameraRecording(sys.argv[1])
digest, imu, edges = hashlib.sha256(), [], []
while (batch := recording.getNextEventBatch()) is not None:
    rows = np.empty(batch.size(), dtype=[("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "u1")])
    rows["t"], rows["p"] = batch.timestamps(), batch.polarities()
    rows["x"], rows["y"] = batch.coordinates()[:, 0], batch.coordinates()[:, 1]
    digest.update(rows.tobytes())
while (batch := recording.getNextImuBatch()) is not None: imu += [sample.timestamp for sample in batch]
while (batch := recording.getNextTriggerBatch()) is not None: edges += [[one.timestamp, int(one.type)] for one in batch]
second = {"events": digest.hexdigest(), "imu": imu, "triggers": edges, "size": list(recording.getEventResolution())}
print(json.dumps([first, second]))
`;

test.skipIf(python === undefined)(
  "the packages aedat and dv-processing read what is written (SACCADE_PYTHON names a Python that has them)",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "saccade-aedat4-"));
    try {
      const { info, packet, rows, beside } = everything(20_000);
      const gray = beside.frames.filter(({ channels }) => channels === 1); // aedat stops at other depths
      const sink = memorySink();
      const target = await aedat4.create(sink, info);
      await target.write({ ...packet, beside: { ...beside, frames: gray } });
      await target.close();
      const path = join(folder, "ours.aedat4");
      await writeFile(path, sink.bytes());
      const { stdout } = await run(python!, ["-c", SCRIPT, path]);
      const records = Buffer.alloc(13 * rows.length);
      rows.forEach(([t, x, y, p], i) => {
        records.writeBigInt64LE(BigInt(t), 13 * i);
        records.writeUInt16LE(x, 13 * i + 8);
        records.writeUInt16LE(y, 13 * i + 10);
        records[13 * i + 12] = p;
      });
      const events = createHash("sha256").update(records).digest("hex");
      const imu = beside.imu.map(({ t }) => t);
      const triggers = beside.triggers.map(({ t }, i) => [t, [2, 4][i]]);
      expect(JSON.parse(stdout)).toEqual([
        { events, frames: gray.map(({ t, width, height }) => [t, width, height]), imu, triggers },
        { events, imu, triggers, size: [info.sensor.width, info.sensor.height] },
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000,
);
