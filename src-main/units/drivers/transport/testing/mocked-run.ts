import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { AppError, toAppError } from "#shared/api/errors.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { parseParams, type RawParams } from "#shared/units/params.ts";
import { findUnit } from "#shared/units/unit.ts";
import { createRealDrivers } from "#main/units/drivers/real-drivers.ts";
import { eventDigest } from "#main/units/drivers/testing/event-digest.ts";
import { encodings } from "#main/units/encodings/index.ts";
import { systemUsb } from "../node-usb.ts";

/** What a run under a mocked system does: opens the first camera of a driver through the real USB library, streams and closes it. */
export interface MockedRun {
  readonly driver: string;
  readonly params?: RawParams;
  /** It closes the camera after so many bytes; "told": the number comes as a line on the input; "end": when the camera ends by itself. */
  readonly until: number | "told" | "end";
  /** Whether the bytes themselves are answered, in hexadecimal. */
  readonly keep?: boolean;
}

/** What it saw, as one line of JSON. */
export interface MockedResult {
  readonly listed: readonly unknown[];
  readonly listedAfter: readonly unknown[];
  readonly failure?: { readonly code: string; readonly message: string; readonly hint?: string };
  readonly end?: { readonly code: string; readonly message: string };
  readonly length: number;
  readonly digest: string;
  readonly bytes?: string;
  readonly events: number;
  readonly eventDigest: string;
  readonly dropped: number;
  readonly gaps: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

const run = JSON.parse(process.argv[2] ?? "{}") as MockedRun;
const drivers = createRealDrivers(systemUsb, () => Promise.resolve());
const listAll = async () => (await Promise.all(drivers.map((driver) => driver.list()))).flat();
const inWords = (error: AppError) => ({
  code: error.code,
  message: error.message,
  ...(error.hint !== undefined && { hint: error.hint }),
});

const hash = createHash("sha256");
const seen = eventDigest();
const chunks: Buffer[] = [];
let length = 0;
let gaps = 0;
let dropped = 0;
let wanted = typeof run.until === "number" ? run.until : Infinity;
let end: Error | undefined;
let failure: AppError | undefined;
let metadata: Readonly<Record<string, string>> | undefined;
const listed = await listAll();
try {
  const driver = drivers.find(({ id }) => id === run.driver);
  const device = listed.find((one) => one.driver === run.driver) ?? listed[0];
  if (driver === undefined || device === undefined) throw new AppError("not-found", "there is no such camera");
  const camera = await driver.open(device.id, parseParams(driver.params, run.params ?? {}, "mocked run"));
  const decoder = findUnit("encoding", encodings, camera.encoding.id).createDecoder(camera.info.sensor, camera.decoderState);
  const writer = new PacketWriter();
  end = await new Promise<Error | undefined>((resolve) => {
    const enough = (): void => {
      if (length >= wanted) resolve(undefined);
    };
    createInterface({ input: process.stdin }).on("line", (line) => {
      if (run.until === "told") wanted = Number(line);
      enough();
    });
    camera.start((chunk, gap = false) => {
      hash.update(chunk);
      if (run.keep === true) chunks.push(Buffer.from(chunk));
      if (gap) gaps += 1;
      for (let rest = chunk; rest.length > 0;) {
        rest = rest.subarray(decoder.decode(rest, writer));
        seen.add(writer.take());
      }
      length += chunk.length;
      enough();
    }, resolve);
  });
  dropped = camera.dropped?.() ?? 0;
  metadata = camera.metadata;
  await camera.stop();
} catch (error) {
  failure = toAppError(error);
}
const result: MockedResult = {
  listed,
  listedAfter: await listAll(),
  ...(failure !== undefined && { failure: inWords(failure) }),
  ...(end !== undefined && { end: inWords(toAppError(end)) }),
  length,
  digest: hash.digest("hex"),
  ...(run.keep === true && { bytes: Buffer.concat(chunks).toString("hex") }),
  events: seen.events,
  eventDigest: seen.digest(),
  dropped,
  gaps,
  ...(metadata !== undefined && { metadata }),
};
console.log(JSON.stringify(result));
process.stdin.destroy();
