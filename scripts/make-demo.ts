import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { PNG } from "pngjs";
import { DEMO_FILE, DEMO_VERSION, type DemoManifest, type DemoRecording } from "#shared/api/demo.ts";
import { assetsDir } from "#main/lib/paths.ts";
import { gestures } from "#main/simulation/simulation.ts";
import { propheseeRaw } from "#main/units/codecs/prophesee-raw/prophesee-raw.ts";
import {
  CLIP_US,
  clipScene,
  DEMO_SEED,
  GENERATOR_VERSION,
  picture,
  PICTURES_PER_CLASS,
  planClips,
  STREAM_US,
  streamScene,
  streamSubject,
  testSubjects,
} from "./demo/plan.ts";
import { makeSamples } from "./demo/samples.ts";
import { tour } from "./demo/tour.ts";
import { createTruth, writeRecording } from "./demo/write-recording.ts";

/*
 * Writes assets/demo and assets/samples: the same files from the same seed.
 *   node scripts/make-demo.ts [--out DIR] [--only samples|demo] [--with-model DIR]...
 * --with-model copies a model folder (made by `saccade train` on this demo) to models/<id>; without it, models that
 * lie in the demo already stay.
 */

const GENERATOR = "Saccade hand generator";
const facts = { generated: "true", generator: `${GENERATOR} ${GENERATOR_VERSION}`, camera: "simulated, 128 × 128" } as const;

async function makePictures(root: string): Promise<void> {
  await rm(join(root, "pictures"), { recursive: true, force: true });
  for (const gesture of gestures) {
    const folder = join(root, "pictures", gesture);
    await mkdir(folder, { recursive: true });
    for (let i = 0; i < PICTURES_PER_CLASS; i++) {
      const { width, height, rgba } = picture(gesture, i);
      const png = new PNG({ width, height });
      png.data.set(rgba);
      // No alpha: all of it is opaque, and the files are smaller.
      const bytes = PNG.sync.write(png, { colorType: 2, deflateLevel: 9 });
      await writeFile(join(folder, `${gesture}-${String(i + 1).padStart(2, "0")}.png`), bytes);
    }
  }
}

async function makeRecordings(root: string): Promise<DemoRecording[]> {
  await rm(join(root, "recordings"), { recursive: true, force: true });
  const recordings: DemoRecording[] = [];
  for (const clip of planClips()) {
    const { path, name, subject, condition, labelled, gesture } = clip;
    const metadata = { ...facts, subject, light: condition };
    const scene = clipScene(clip);
    const { events, on, bytes } = await writeRecording(join(root, path), propheseeRaw, "evt3", scene, CLIP_US, metadata);
    const range = { start: 0, end: CLIP_US };
    const segment = { ...range, subject, condition };
    recordings.push({
      path,
      name,
      kind: "clip",
      sensor: scene.sensor,
      range,
      events,
      on,
      bytes,
      generated: true,
      metadata,
      segments: [labelled ? { ...segment, class: gesture } : segment],
      ...(labelled ? {} : { truth: [{ ...segment, class: gesture }] }),
    });
  }
  recordings.push(await makeStream(root));
  return recordings;
}

async function makeStream(root: string): Promise<DemoRecording> {
  const path = "recordings/streams/bench-stream.raw";
  const metadata = { ...facts, subject: streamSubject, light: "office" };
  const scene = streamScene();
  const truth = createTruth(scene);
  const written = await writeRecording(join(root, path), propheseeRaw, "evt3", scene, STREAM_US, metadata, truth.watch);
  return {
    path,
    name: "bench-stream",
    kind: "stream",
    sensor: scene.sensor,
    range: { start: 0, end: STREAM_US },
    events: written.events,
    on: written.on,
    bytes: written.bytes,
    generated: true,
    metadata,
    segments: [],
    truth: truth.spans(STREAM_US).map((span) => ({ ...span, subject: streamSubject, condition: "office" })),
  };
}

/** `path,start_us,end_us,class,subject,condition`: what the library starts with, for other programs. */
function labelsCsv(recordings: readonly DemoRecording[]): string {
  const lines = recordings.flatMap(({ path, segments }) =>
    segments.map((s) => [path, s.start, s.end, s.class ?? "", s.subject ?? "", s.condition ?? ""].join(",")),
  );
  return ["path,start_us,end_us,class,subject,condition", ...lines, ""].join("\n");
}

async function placeModels(root: string, folders: readonly string[]): Promise<{ id: string; path: string }[]> {
  for (const folder of folders) {
    const id = basename(folder);
    await readFile(join(folder, "model.json"), "utf8"); // fails with the path when this is no model folder
    await rm(join(root, "models", id), { recursive: true, force: true });
    await cp(folder, join(root, "models", id), { recursive: true });
  }
  const before = await readFile(join(root, DEMO_FILE), "utf8").then(
    (text) => (JSON.parse(text) as DemoManifest).models,
    () => [],
  );
  const added = folders.map((folder) => ({ id: basename(folder), path: `models/${basename(folder)}` }));
  return [...before.filter(({ id }) => added.every((model) => model.id !== id)), ...added];
}

async function makeDemo(root: string, modelFolders: readonly string[]): Promise<void> {
  await mkdir(root, { recursive: true });
  const models = await placeModels(root, modelFolders);
  await makePictures(root);
  const recordings = await makeRecordings(root);
  const stream = recordings.find(({ kind }) => kind === "stream")?.path ?? "";
  const manifest: DemoManifest = {
    version: DEMO_VERSION,
    title: "Demo: hands",
    summary:
      "Five gestures of drawn hands: clips of a simulated event camera and ordinary pictures of other people. All of it is generated.",
    generated: true,
    generator: { name: GENERATOR, version: GENERATOR_VERSION, seed: DEMO_SEED },
    classes: gestures.map((name, i) => ({ name, key: i + 1, color: i })),
    recordings,
    datasets: [
      {
        name: "hand-pictures",
        path: "pictures",
        kind: "images",
        layout: "images-folder",
        classes: gestures,
        perClass: gestures.map(() => PICTURES_PER_CLASS),
        generated: true,
      },
    ],
    models,
    liveRecording: stream,
    split: { testSubjects },
    tour: tour(recordings[0]?.path ?? "", stream),
  };
  await writeFile(join(root, "labels.csv"), labelsCsv(recordings));
  await writeFile(join(root, DEMO_FILE), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const bytes = recordings.reduce((sum, recording) => sum + recording.bytes, 0);
  console.log(
    `${root}: ${recordings.length} recordings, ${(bytes / 1e6).toFixed(1)} MB of events, ${gestures.length * PICTURES_PER_CLASS} pictures`,
  );
}

const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(assetsDir, "demo") },
    only: { type: "string", default: "" },
    "with-model": { type: "string", multiple: true, default: [] },
  },
});
if (values.only !== "demo") await makeSamples(join(dirname(values.out), "samples"));
if (values.only !== "samples") await makeDemo(values.out, values["with-model"]);
