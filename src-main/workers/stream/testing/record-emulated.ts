import { seeded } from "#main/lib/testing/random.ts";
import { createDavis346 } from "#main/units/drivers/davis346/davis346.ts";
import type { Driver } from "#main/units/drivers/driver.ts";
import { createEvk4 } from "#main/units/drivers/evk4/evk4.ts";
import { bench } from "#main/units/drivers/testing/bench.ts";
import { blockFeed, evt3Block } from "#main/units/drivers/testing/block-feed.ts";
import { ownCameras } from "#main/units/drivers/testing/own-cameras.ts";
import { madeFeed, pacedFeed, type WireFeed } from "#main/units/drivers/testing/wire-feed.ts";
import { davisBytes, risingRows } from "#main/units/encodings/testing/inivation-words.ts";
import { openCameraStream } from "../camera-stream.ts";

/*
 * A process that records an emulated camera into the file it is told, until it is killed:
 *   node record-emulated.ts FILE [davis346 | evk4] [BYTES_PER_SECOND or million events a second]
 * It says "recording" once it does, and then every few ms when it is (ms on the clock that all processes share), how many bytes the
 * sensor has sent, and how many of them are written.
 */
const [path = "", kind = "davis346", rate = ""] = process.argv.slice(2);
const EVERY_MS = 20;

/** Counts what is handed out. */
function counted(feed: WireFeed & { readonly paced: true }): {
  readonly feed: WireFeed & { readonly paced: true };
  readonly sent: () => number;
} {
  let sent = 0;
  const next = (room: number): Uint8Array => {
    const bytes = feed.next(room);
    sent += bytes.length;
    return bytes;
  };
  return { feed: { paced: true, next }, sent: () => sent };
}

function davis() {
  const part = davisBytes(risingRows(seeded(41), 20_000, { width: 346, height: 260 }));
  const paced = pacedFeed(
    madeFeed(() => part),
    Number(rate || 4_000_000),
  );
  const { feed, sent } = counted(paced);
  const own = ownCameras.davis346;
  return {
    driver: bench(createDavis346, { transcript: own.transcript, model: own.model(), feed }).driver as Driver,
    sent,
    start: () => undefined,
  };
}

function evk4() {
  const blocks = blockFeed(evt3Block(Number(rate || 2)), 1_000_000);
  const own = ownCameras.evk4;
  const { driver } = bench(createEvk4, { transcript: own.transcript, model: own.model(), feed: blocks });
  return { driver: driver as Driver, sent: () => blocks.sentBytes, start: () => blocks.start() };
}

const { driver, sent, start } = kind === "evk4" ? evk4() : davis();
const [device] = await driver.list();
if (device === undefined) throw new Error("the emulated camera is not there");
const stream = await openCameraStream(driver, device, {});
await stream.record({ path });
start();
process.stdout.write("recording\n");
let written = 0;
setInterval(() => process.stdout.write(`${Number(process.hrtime.bigint() / 1_000_000n)} ${sent()} ${written}\n`), EVERY_MS);
for await (const { recording } of stream.status()) written = recording?.bytes ?? written;
