import { seeded } from "#main/lib/testing/random.ts";
import { createDavis346 } from "#main/units/drivers/davis346/davis346.ts";
import { bench } from "#main/units/drivers/testing/bench.ts";
import { loadTranscript } from "#main/units/drivers/testing/transcript.ts";
import { madeFeed, pacedFeed } from "#main/units/drivers/testing/wire-feed.ts";
import { davisBytes, risingRows } from "#main/units/encodings/testing/inivation-words.ts";
import { openCameraStream } from "../camera-stream.ts";

/*
 * A process that records an emulated DAVIS346 into the file it is told, until it is killed. It says "recording" once it does, and then
 * how many bytes have been written.
 */
const [path = ""] = process.argv.slice(2);
const sensor = { width: 346, height: 260 };
const random = seeded(41);
const part = davisBytes(risingRows(random, 20_000, sensor));
const { driver } = bench(createDavis346, {
  transcript: loadTranscript("inivation-davis346"),
  feed: pacedFeed(
    madeFeed(() => part),
    4_000_000,
  ),
});
const [device] = await driver.list();
const stream = await openCameraStream(driver, device!, {});
await stream.record({ path });
process.stdout.write("recording\n");
for await (const { recording } of stream.status()) process.stdout.write(`${recording?.bytes ?? 0}\n`);
