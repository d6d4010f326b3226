import { readdir, stat } from "node:fs/promises";
import { basename, extname, join, relative, sep } from "node:path";
import { AppError } from "#shared/api/errors.ts";
import type { EventPacket } from "#shared/events/packet.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { parseParams, type RawParams } from "#shared/units/params.ts";
import { fileError } from "#main/lib/files.ts";
import { filmPackets } from "./film-packets.ts";
import { headOf, openFilm } from "./input/film.ts";
import { lightOfLuma, resize } from "./input/light.ts";
import { isPictureName, pictureKind, readPicture } from "./input/pictures.ts";
import { createSaccadeScene } from "./saccade-scene.ts";
import { simulateParams, type SimulateParams } from "./simulate-params.ts";
import type { LightFrame, SimulatedStream } from "./simulation.ts";

/** Inputs without a wanted size are made this large at most (longer side): a 12 MP photo is no sensor. */
const MAX_SIDE = 640;
/** A saccade is handed over in packets of this length, µs. */
const PACKET_US = 20_000;

/**
 * Turns a picture, a film or a folder of pictures into simulated events.
 * Pictures are looked at in three saccades; films and, with `as: "film"`, folders of frames are played.
 * Streams come one after the other; read the packets of one before asking for the next.
 * @throws AppError naming the file, the reason and the remedy.
 */
export async function* simulateInput(input: string, raw: RawParams, signal: AbortSignal): AsyncGenerator<SimulatedStream> {
  const params = parseParams(simulateParams, raw, "simulate");
  const kind = await stat(input).catch((error: unknown) => {
    throw fileError(error, input, "read");
  });
  if (kind.isDirectory()) {
    const paths = await picturesIn(input, params.as === "clips", signal);
    if (paths.length === 0) {
      throw new AppError("empty", `${input} holds no PNG or JPEG pictures`, {
        hint: "Choose a folder with pictures, a picture, or a film.",
      });
    }
    if (params.as === "film") yield* frameFolder(input, paths, params, signal);
    else yield* clips(input, paths, params, signal);
  } else if (pictureKind(await headOf(input)) !== undefined) {
    yield* clips(join(input, ".."), [input], params, signal);
  } else {
    yield* film(input, params, signal);
  }
}

/** The size of the sensor: as wished, as the input, or the wished side with the input's proportions. */
export function sensorFor(input: Sensor, { width, height }: Pick<SimulateParams, "width" | "height">): Sensor {
  const scale =
    width > 0
      ? width / input.width
      : height > 0
        ? height / input.height
        : Math.min(1, MAX_SIDE / Math.max(input.width, input.height));
  return {
    width: width > 0 ? width : Math.max(1, Math.round(input.width * scale)),
    height: height > 0 ? height : Math.max(1, Math.round(input.height * scale)),
  };
}

async function picturesIn(folder: string, deep: boolean, signal: AbortSignal): Promise<string[]> {
  signal.throwIfAborted();
  const entries = await readdir(folder, { withFileTypes: true, recursive: deep }).catch((error: unknown) => {
    throw fileError(error, folder, "read");
  });
  const order = new Intl.Collator("en", { numeric: true });
  return entries
    .filter((entry) => entry.isFile() && isPictureName(entry.name) && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => order.compare(a, b));
}

const metadataOf = (source: string, params: SimulateParams): Record<string, string> => ({
  generated: "true",
  generator: "Saccade event simulator",
  source: basename(source),
  parameters: JSON.stringify(params),
});

async function* clips(
  root: string,
  paths: readonly string[],
  params: SimulateParams,
  signal: AbortSignal,
): AsyncGenerator<SimulatedStream> {
  const taken = new Set<string>();
  const saccadeUs = Math.round(1000 * params.saccadeMs);
  for (const [index, path] of paths.entries()) {
    signal.throwIfAborted();
    const picture = await readPicture(path, params.blackLevel);
    const sensor = sensorFor(picture, params);
    const extension = extname(path);
    let name = relative(root, path).slice(0, -extension.length).split(sep).join("/");
    // a.png and a.jpg in one folder
    if (taken.has(name)) name = `${name}-${extension.slice(1)}`;
    taken.add(name);
    yield {
      info: { sensor, range: { start: 0, end: 3 * saccadeUs }, label: basename(path) },
      name,
      metadata: metadataOf(path, params),
      async *packets(): AsyncGenerator<EventPacket> {
        const scene = createSaccadeScene(resize(picture, sensor.width, sensor.height), {
          sensor,
          model: params,
          seed: params.seed + index,
          saccadeUs,
          amplitude: params.amplitude,
        });
        const out = new PacketWriter();
        for (let t = 0; t < 3 * saccadeUs; t += PACKET_US) {
          signal.throwIfAborted();
          out.begin(t);
          scene.next(Math.min(3 * saccadeUs, t + PACKET_US), out);
          yield out.take();
          await Promise.resolve();
        }
      },
    };
  }
}

/** Frames of a film as files. All must have the size of the first. */
async function* frameFolder(
  folder: string,
  paths: readonly string[],
  params: SimulateParams,
  signal: AbortSignal,
): AsyncGenerator<SimulatedStream> {
  const first = await readPicture(paths[0] ?? folder, params.blackLevel);
  const sensor = sensorFor(first, params);
  const frameUs = 1e6 / params.framesPerSecond;
  const frames = async function* (): AsyncGenerator<LightFrame> {
    for (const path of paths) {
      signal.throwIfAborted();
      const frame = await readPicture(path, params.blackLevel);
      if (frame.width !== first.width || frame.height !== first.height) {
        throw new AppError(
          "bad-argument",
          `${path} is ${frame.width} × ${frame.height}, the frames before it are ${first.width} × ${first.height}`,
          {
            hint: 'Frames of a film have one size. Leave the file out, or simulate the folder with as = "clips".',
          },
        );
      }
      yield resize(frame, sensor.width, sensor.height);
    }
  };
  yield {
    info: { sensor, range: { start: 0, end: Math.round((paths.length - 1) * frameUs) }, label: basename(folder) },
    name: basename(folder),
    metadata: metadataOf(folder, params),
    packets: () => filmPackets(frames(), { sensor, frameUs, model: params, seed: params.seed }),
  };
}

async function* film(path: string, params: SimulateParams, signal: AbortSignal): AsyncGenerator<SimulatedStream> {
  const opened = await openFilm(path, signal);
  try {
    const sensor = sensorFor(opened, params);
    const { frameUs, fullRange, width, height } = opened;
    const frames = async function* (): AsyncGenerator<LightFrame> {
      for await (const luma of opened.frames()) {
        signal.throwIfAborted();
        yield resize(lightOfLuma(luma, width, height, fullRange, params.blackLevel), sensor.width, sensor.height);
      }
    };
    yield {
      info: { sensor, label: basename(path) },
      name: basename(path, extname(path)),
      metadata: { ...metadataOf(path, params), framesPerSecond: (1e6 / frameUs).toFixed(3) },
      packets: () => filmPackets(frames(), { sensor, frameUs, model: params, seed: params.seed }),
    };
  } finally {
    await opened.close();
  }
}
