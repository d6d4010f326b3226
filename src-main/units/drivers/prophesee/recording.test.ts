import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import { evt3 } from "#main/units/encodings/evt3/evt3.ts";
import { packetOf, randomEvents } from "#main/units/encodings/testing/events.ts";
import { openCameraStream } from "#main/workers/stream/camera-stream.ts";
import { inspectRecording } from "#main/workers/stream/inspect.ts";
import { createEvk4 } from "../evk4/evk4.ts";
import { hasTranscripts, loadTranscript } from "../testing/transcript.ts";
import { madeFeed } from "../testing/wire-feed.ts";
import { bench } from "./testing/bench.ts";

const hd = { width: 1280, height: 720 };

describe.skipIf(!hasTranscripts)("recording a Prophesee camera (the dialogues are not at hand: skipped)", () => {
  it("settings land in the recording, and the recording opens", async () => {
    const folder = await mkdtemp(join(tmpdir(), "saccade-evk4-"));
    try {
      const rows = randomEvents(seeded(5), 20_000, hd);
      const lastUs = Math.max(...rows.map(([t]) => t));
      const encoder = evt3.createEncoder(hd);
      const feed = madeFeed((part) =>
        part > 20 ? undefined : part === 0 ? encoder.encode(packetOf(rows)) : encoder.advance(lastUs + part * 100_000).slice(),
      );
      let held = false;
      const { driver } = bench(createEvk4, {
        transcript: loadTranscript("prophesee-evk4-imx636"),
        feed: { next: (room) => (held ? feed.next(room) : new Uint8Array(0)) },
      });
      const [device] = await driver.list();
      const stream = await openCameraStream(driver, device!, { biasDiffOn: 20 });
      await stream.configure({ biasFo: -5 });
      const path = join(folder, "a.raw");
      await stream.record({ path });
      held = true;
      await new Promise((resolve) => setTimeout(resolve, 100));
      const result = await stream.stopRecording();
      await stream.close();
      expect(result.events).toBeGreaterThanOrEqual(rows.length);
      const sidecar = await readSidecar(path);
      expect(sidecar?.metadata).toMatchObject({
        bias_diff_on: "122",
        bias_fo: "78",
        serial_number: "00abcdef",
        sensor_name: "IMX636",
      });
      expect(sidecar?.camera?.params).toMatchObject({ biasDiffOn: 20, biasFo: -5 });
      const inspection = await inspectRecording(path, { digest: false });
      expect(inspection.sensor).toEqual(hd);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
