import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { DEMO_FILE, DEMO_VERSION, type DemoManifest } from "#shared/api/demo.ts";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { copyPacket, pOf, type EventPacket } from "#shared/events/packet.ts";
import { openFile } from "#main/lib/files.ts";
import { assetsDir } from "#main/lib/paths.ts";
import { readSidecar } from "#main/lib/sidecar.ts";
import { gestures } from "#main/simulation/simulation.ts";
import { codecs } from "#main/units/codecs/index.ts";
import { propheseeRaw } from "#main/units/codecs/prophesee-raw/prophesee-raw.ts";
import { describeDemo, draw, nearestNeighbor } from "./baseline.ts";
import { clipScene, picture, planClips, testSubjects } from "./plan.ts";
import { samples } from "./samples.ts";

const root = join(assetsDir, "demo");
const manifest = JSON.parse(await readFile(join(root, DEMO_FILE), "utf8")) as DemoManifest;

/** Everything up to `endUs` as pairs of time and word. */
function pairsOf(packets: readonly EventPacket[]): number[] {
  return packets.flatMap(({ t0, words }) => Array.from(words, (word, i) => (i % 2 === 0 ? t0 + word : word)));
}

async function readAll(path: string, codec = propheseeRaw as (typeof codecs)[number]): Promise<number[]> {
  const recording = await codec.open(await openFile(path));
  const packets: EventPacket[] = [];
  for await (const packet of recording.read({})) packets.push(copyPacket(packet));
  await recording.close();
  return pairsOf(packets);
}

describe("the shipped demo", () => {
  it("is of this version and says that it is generated", () => {
    expect(manifest).toMatchObject({ version: DEMO_VERSION, generated: true });
    expect(manifest.recordings.every(({ generated, metadata }) => generated && metadata["generated"] === "true")).toBe(true);
    expect(manifest.classes.map(({ name }) => name)).toEqual(gestures);
  });

  it("has every file that it names, of the stated size, each with a sidecar", async () => {
    let total = 0;
    for (const { path, bytes, events } of manifest.recordings) {
      expect((await stat(join(root, path))).size, path).toBe(bytes);
      expect(await readSidecar(join(root, path)), path).toMatchObject({ generated: true, events });
      total += bytes;
    }
    for (const { path, classes, perClass } of manifest.datasets) {
      for (const [i, name] of classes.entries()) {
        expect(await readdir(join(root, path, name))).toHaveLength(perClass[i]!);
      }
    }
    for (const { path } of manifest.models) expect((await stat(join(root, path))).isDirectory()).toBe(true);
    expect(total).toBeLessThan(25e6);
    expect(manifest.recordings.some(({ path }) => path === manifest.liveRecording)).toBe(true);
  });

  it("has enough labelled clips of every class on both sides of the split, and some without a label", () => {
    const clips = manifest.recordings.filter(({ kind }) => kind === "clip").flatMap(({ segments }) => segments);
    for (const name of gestures) {
      const held = clips.filter((clip) => clip.class === name && testSubjects.some((subject) => subject === clip.subject));
      const rest = clips.filter((clip) => clip.class === name && !held.includes(clip));
      expect([held.length, rest.length]).toEqual([4, 12]);
    }
    expect(clips.filter((clip) => clip.class === undefined)).toHaveLength(6);
  });

  it("keeps every span within its recording", () => {
    for (const { range, segments, truth = [] } of manifest.recordings) {
      for (const { start, end } of [...segments, ...truth]) {
        expect(start).toBeGreaterThanOrEqual(range.start);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(range.end);
      }
    }
    const stream = manifest.recordings.find(({ kind }) => kind === "stream");
    expect(new Set(stream?.truth?.map((span) => span.class)).size).toBe(gestures.length);
  });

  it("says the same in labels.csv", async () => {
    const lines = (await readFile(join(root, "labels.csv"), "utf8")).trimEnd().split("\n");
    const wanted = manifest.recordings.flatMap(({ path, segments }) =>
      segments.map((s) => `${path},${s.start},${s.end},${s.class ?? ""},${s.subject ?? ""},${s.condition ?? ""}`),
    );
    expect(lines).toEqual(["path,start_us,end_us,class,subject,condition", ...wanted]);
  });

  it("comes out of the generator as it lies here", async () => {
    const clip = planClips()[37]!;
    const out = new PacketWriter();
    clipScene(clip).next(150_000, out);
    const fresh = pairsOf([out.take()]);
    expect(fresh.length).toBeGreaterThan(1000);
    expect((await readAll(join(root, clip.path))).slice(0, fresh.length)).toEqual(fresh);
    const png = PNG.sync.read(await readFile(join(root, "pictures", "thumb", "thumb-08.png")));
    expect(Buffer.compare(png.data, picture("thumb", 7).rgba)).toBe(0);
  });
});

describe("the task of the demo", () => {
  it("can be learned from clips, not perfectly, and better with pictures", async () => {
    const { clips, pictures } = await describeDemo();
    const [train, test] = [clips.filter(({ held }) => !held), clips.filter(({ held }) => held)];
    expect([train.length, test.length, pictures.length]).toEqual([60, 20, 300]);
    const alone = nearestNeighbor(train, test);
    expect(alone).toBeGreaterThan(0.4); // chance is 0.2
    expect(alone).toBeLessThan(0.9);
    expect(nearestNeighbor(pictures, clips)).toBeGreaterThan(0.5);
    expect(nearestNeighbor([...draw(train, 3, 1), ...pictures], test)).toBeGreaterThan(nearestNeighbor(draw(train, 3, 1), test));
  });
});

describe("the samples", () => {
  it.each(samples.map((sample) => [sample.file, sample] as const))(
    "%s holds the scene it was made from",
    async (file, sample) => {
      const out = new PacketWriter();
      sample.scene().next(sample.endUs, out);
      const fresh = pairsOf([out.take()]);
      expect(await readAll(join(assetsDir, "samples", file), sample.codec)).toEqual(fresh);
      const digests = JSON.parse(await readFile(join(assetsDir, "samples", "digests.json"), "utf8")) as Record<
        string,
        { events: number; on: number }
      >;
      const on = fresh.filter((word, i) => i % 2 === 1 && pOf(word) === 1).length;
      expect(digests[file]).toMatchObject({ events: fresh.length / 2, on });
    },
  );
});
