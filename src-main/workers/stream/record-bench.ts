import { createHash, type Hash } from "node:crypto";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { RecordBenchOptions, RecordBenchProgress } from "#shared/api/stream-bench.ts";
import { createEvk4 } from "#main/units/drivers/evk4/evk4.ts";
import { bench } from "#main/units/drivers/testing/bench.ts";
import { blockFeed, evt3Block, evt3Blocks, type Evt3Block } from "#main/units/drivers/testing/block-feed.ts";
import { ownCameras } from "#main/units/drivers/testing/own-cameras.ts";
import { openCameraStream } from "./camera-stream.ts";

const LABEL = "Emulated EVK4 (virtual source)";
/** What waits while nobody reads: the 32 reads of 128 KiB that are always under way, and half a MiB in the emulated board. */
const CAMERA_MEMORY_BYTES = (4096 + 512) * 1024;
/** Between two reports, ms. */
const REPORT_MS = 200;
/** After the last byte was sent everything has to be in the file within this time, ms. */
const PATIENCE_MS = 60_000;
const READ_BYTES = 1 << 20;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

type Lost = readonly { readonly at: number; readonly bytes: number }[];

/** The digest of what the sensor sent, made anew from the block, without what the emulated camera lost. */
function digestOfSent(block: Evt3Block, blocks: number, lost: Lost): string {
  const make = evt3Blocks(block);
  const hash = createHash("sha256");
  const size = block.words.byteLength;
  let next = 0;
  for (let number = 0; number < blocks; number++) {
    const bytes = make(number);
    const begin = number * size;
    let at = begin;
    for (let part = lost[next]; part !== undefined && part.at < begin + size; part = lost[next]) {
      if (part.at > at) hash.update(bytes.subarray(at - begin, part.at - begin));
      at = Math.max(at, Math.min(begin + size, part.at + part.bytes));
      if (part.at + part.bytes > begin + size) break;
      next += 1;
    }
    hash.update(bytes.subarray(at - begin));
  }
  return hash.digest("hex");
}

/** The digest of the last so many bytes of a file. */
async function digestOfEnd(path: string, bytes: number): Promise<string> {
  const hash: Hash = createHash("sha256");
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const buffer = new Uint8Array(READ_BYTES);
    for (let at = size - bytes; at < size;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(READ_BYTES, size - at), at);
      if (bytesRead === 0) throw new AppError("damaged", `${path} became shorter while it was read`);
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

/**
 * Records an emulated EVK4 that sends made events at a chosen rate, through the same driver, ring and recorder as a plugged-in one,
 * and compares the file with what was sent. What USB would cost is not in it; what making the events costs is.
 */
export async function* benchRecord(wanted: RecordBenchOptions, signal: AbortSignal): AsyncGenerator<RecordBenchProgress> {
  const { seconds, rateMev } = wanted;
  if (!(seconds > 0 && rateMev > 0 && rateMev <= 400)) {
    throw new AppError("bad-argument", `Cannot record ${rateMev} million events/s for ${seconds} s`, {
      hint: "Choose a time above 0 and a rate of at most 400.",
    });
  }
  const folder = await mkdtemp(join(wanted.folder ?? tmpdir(), "saccade-bench-"));
  try {
    const path = join(folder, "emulated-evk4.raw");
    const block = evt3Block(rateMev);
    const blocks = Math.max(1, Math.ceil((seconds * 1e6) / block.spanUs));
    const feed = blockFeed(block, blocks);
    const { camera, driver } = bench(createEvk4, {
      transcript: ownCameras.evk4.transcript,
      model: ownCameras.evk4.model(),
      feed,
      fifoBytes: CAMERA_MEMORY_BYTES,
    });
    const [device] = await driver.list();
    if (device === undefined) throw new AppError("internal", "The emulated camera is not there");
    const stream = await openCameraStream(driver, { ...device, label: LABEL, virtual: true }, { limitRate: false });
    try {
      await stream.record({ path });
      const headerBytes = (await stat(path)).size;
      const cpu = process.cpuUsage();
      const began = performance.now();
      feed.start();
      let skippedBytes = 0;
      let backlogBytes = 0;
      let sentAt: number | undefined;
      for await (const status of stream.status()) {
        if (signal.aborted) break;
        const { recording, error } = status;
        if (error !== undefined) throw new AppError("io", error.message, error.hint === undefined ? {} : { hint: error.hint });
        skippedBytes = status.skippedBytes ?? 0;
        backlogBytes = Math.max(backlogBytes, status.backlogBytes);
        const now = performance.now();
        if (feed.done) sentAt ??= now;
        const written = (recording?.bytes ?? 0) - headerBytes;
        yield { kind: "progress", seconds: (now - began) / 1000, bytes: written, lostBytes: camera.lostBytes, skippedBytes };
        if (feed.done && written >= feed.sentBytes - camera.lostBytes) break;
        if (sentAt !== undefined && now - sentAt > PATIENCE_MS)
          throw new AppError("io", `${feed.sentBytes - camera.lostBytes - written} bytes never reached the file`);
        await pause(REPORT_MS);
      }
      const elapsed = (performance.now() - began) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      if (!feed.done) throw new AppError("aborted", "Interrupted");
      const { maxRSS } = process.resourceUsage();
      const result = await stream.stopRecording();
      const sent = feed.sentBytes - camera.lostBytes;
      const payload = (await stat(path)).size - headerBytes;
      const [digest, expected] = [await digestOfEnd(path, sent), digestOfSent(block, blocks, camera.lostParts)];
      yield {
        kind: "done",
        source: LABEL,
        seconds: elapsed,
        events: block.events * blocks,
        bytes: feed.sentBytes,
        eventsPerSecond: (block.events * blocks) / elapsed,
        bytesPerSecond: payload / elapsed,
        lostBytes: camera.lostBytes,
        dropped: result.dropped,
        peakBacklogBytes: result.peakBacklogBytes,
        peakDecodeBacklogBytes: backlogBytes,
        skippedBytes,
        cpuSeconds: (user + system) / 1e6,
        peakRssBytes: maxRSS * 1024,
        complete: payload === sent && digest === expected,
        digest,
        expected,
      };
    } finally {
      await stream.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
