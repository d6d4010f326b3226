import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { packetOf, randomEvents, type EventRow } from "#main/units/encodings/testing/events.ts";
import { evt21Bytes } from "#main/units/encodings/testing/prophesee-words.ts";
import { openCameraStream } from "#main/workers/stream/camera-stream.ts";
import { inspectRecording } from "#main/workers/stream/inspect.ts";
import type { Driver } from "../driver.ts";
import { createEvk3320 } from "../evk3-320/evk3-320.ts";
import { createEvk4 } from "../evk4/evk4.ts";
import type { DriverParts } from "../session/open-device.ts";
import { hasTranscripts, loadTranscript, type TranscriptId } from "../testing/transcript.ts";
import { onceFeed } from "../testing/wire-feed.ts";
import { bench } from "../testing/bench.ts";

interface Case {
  readonly name: string;
  readonly create: (parts: DriverParts) => Driver;
  readonly transcript: TranscriptId;
  readonly sensor: { readonly width: number; readonly height: number };
  readonly encoding: string;
  readonly bytes: (rows: readonly EventRow[]) => Uint8Array;
  /** What the sidecar and the header say after `biasDiffOn` was opened with 20 and `biasFo` set to -5. */
  readonly metadata: Readonly<Record<string, string>>;
}

const hd = { width: 1280, height: 720 };
const cases: readonly Case[] = [
  {
    name: "EVK4",
    create: createEvk4,
    transcript: "prophesee-evk4-imx636",
    sensor: hd,
    encoding: "evt3",
    bytes: (rows) => evt3.createEncoder(hd).encode(packetOf(rows)),
    metadata: { bias_diff_on: "122", bias_fo: "78", serial_number: "00abcdef", sensor_name: "IMX636" },
  },
  {
    name: "EVK3 320",
    create: createEvk3320,
    transcript: "prophesee-evk3-320-genx320mp",
    sensor: { width: 320, height: 320 },
    encoding: "evt21",
    bytes: (rows) => evt21Bytes({ rows }, "little"),
    metadata: { bias_diff_on: "45", bias_fo: "29", serial_number: "00abcdef", sensor_name: "GenX320" },
  },
];

describe.skipIf(!hasTranscripts)("recording Prophesee cameras (the dialogues are not at hand: skipped)", () => {
  it.each(cases)("$name: settings land in the recording, every event too, and it opens", async (one) => {
    const folder = await mkdtemp(join(tmpdir(), "saccade-prophesee-"));
    try {
      const rows = randomEvents(seeded(5), 20_000, one.sensor);
      const feed = onceFeed(one.bytes(rows));
      let recording = false;
      const { driver } = bench(one.create, {
        transcript: loadTranscript(one.transcript),
        feed: { next: (room) => (recording ? feed.next(room) : new Uint8Array(0)) },
      });
      const [device] = await driver.list();
      const stream = await openCameraStream(driver, device!, { biasDiffOn: 20 });
      await stream.configure({ biasFo: -5 });
      const path = join(folder, "a.raw");
      await stream.record({ path });
      recording = true;
      for await (const { recording: progress } of stream.status()) if ((progress?.events ?? 0) >= rows.length) break;
      const result = await stream.stopRecording();
      await stream.close();
      expect(result).toMatchObject({ events: rows.length, dropped: 0 });
      const sidecar = await readSidecar(path);
      expect(sidecar?.metadata).toMatchObject(one.metadata);
      expect(sidecar?.camera?.params).toMatchObject({ biasDiffOn: 20, biasFo: -5 });
      const inspection = await inspectRecording(path, { digest: false });
      expect(inspection).toMatchObject({ sensor: one.sensor, encoding: one.encoding, events: rows.length });
      expect(inspection.metadata).toMatchObject(one.metadata);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
