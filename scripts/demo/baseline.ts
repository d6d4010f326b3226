import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PNG } from "pngjs";
import { DEMO_FILE, type DemoManifest } from "#shared/api/demo.ts";
import { openFile } from "#main/lib/files.ts";
import { assetsDir } from "#main/lib/paths.ts";
import { createRandom } from "#main/simulation/random.ts";
import { lightOfRgba, resize } from "#main/simulation/input/light.ts";
import { propheseeRaw } from "#main/units/codecs/prophesee-raw/prophesee-raw.ts";

/*
 * How hard is the demo? Nearest neighbor on histograms of edge orientation, for clips and pictures alike. Anything that
 * learns should do better than this; `node scripts/demo/baseline.ts` prints the table of docs/demo.md.
 */

/** Everything is brought to this size; a histogram covers CELL × CELL pixels. */
const SIDE = 64;
const CELL = 8;
const DIRECTIONS = 6;

/** A sample as the baseline sees it: a vector of length one. */
export type Described = { readonly vector: Float32Array; readonly label: number; readonly held: boolean };

/** Dalal, Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005, without their block step. */
function describe(image: Float32Array): Float32Array {
  const cells = SIDE / CELL;
  const vector = new Float32Array(cells * cells * DIRECTIONS);
  for (let y = 1; y < SIDE - 1; y++) {
    for (let x = 1; x < SIDE - 1; x++) {
      const i = y * SIDE + x;
      const gx = (image[i + 1] ?? 0) - (image[i - 1] ?? 0);
      const gy = (image[i + SIDE] ?? 0) - (image[i - SIDE] ?? 0);
      const angle = ((Math.atan2(gy, gx) / Math.PI + 1) % 1) * DIRECTIONS;
      const low = Math.floor(angle) % DIRECTIONS;
      const share = angle - Math.floor(angle);
      const at = (Math.floor(y / CELL) * cells + Math.floor(x / CELL)) * DIRECTIONS;
      const size = Math.hypot(gx, gy);
      vector[at + low] = (vector[at + low] ?? 0) + size * (1 - share);
      vector[at + ((low + 1) % DIRECTIONS)] = (vector[at + ((low + 1) % DIRECTIONS)] ?? 0) + size * share;
    }
  }
  let [sum, square] = [0, 0];
  for (let i = 0; i < vector.length; i++) {
    vector[i] = Math.sqrt(vector[i] ?? 0);
    sum += vector[i] ?? 0;
  }
  const mean = sum / vector.length;
  for (let i = 0; i < vector.length; i++) square += ((vector[i] ?? 0) - mean) ** 2;
  return vector.map((value) => (value - mean) / Math.sqrt(square + 1e-12));
}

/** Each value as the mean of its neighborhood, weights 1 2 1 both ways. */
function blur(image: Float32Array): Float32Array {
  const at = (x: number, y: number): number =>
    image[Math.min(SIDE - 1, Math.max(0, y)) * SIDE + Math.min(SIDE - 1, Math.max(0, x))] ?? 0;
  return image.map((_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    let sum = 0;
    for (let v = -1; v <= 1; v++)
      for (let u = -1; u <= 1; u++) sum += ((2 - Math.abs(u)) * (2 - Math.abs(v)) * at(x + u, y + v)) / 16;
    return sum;
  });
}

/** Events lie where the edges are: their number at each pixel is an edge picture. */
async function clipVector(path: string): Promise<Float32Array> {
  const recording = await propheseeRaw.open(await openFile(path));
  const { width, height } = recording.info.sensor;
  const light = new Float32Array(width * height);
  for await (const { words } of recording.read({})) {
    for (let i = 1; i < words.length; i += 2) {
      const at = (((words[i] ?? 0) >>> 14) & 0x3fff) * width + ((words[i] ?? 0) & 0x3fff);
      light[at] = (light[at] ?? 0) + 1;
    }
  }
  await recording.close();
  return describe(blur(resize({ width, height, light }, SIDE, SIDE).light.map(Math.sqrt)));
}

/** In a picture, edges are where the logarithm of light changes. */
async function pictureVector(path: string): Promise<Float32Array> {
  const { width, height, data } = PNG.sync.read(await readFile(path));
  const log = resize(lightOfRgba(data, width, height, 0.03), SIDE, SIDE).light.map(Math.log);
  const edges = log.map((_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    if (x === 0 || y === 0 || x === SIDE - 1 || y === SIDE - 1) return 0;
    return Math.hypot((log[i + 1] ?? 0) - (log[i - 1] ?? 0), (log[i + SIDE] ?? 0) - (log[i - SIDE] ?? 0));
  });
  return describe(blur(edges));
}

/** Labelled clips and pictures of the demo. */
export async function describeDemo(root = join(assetsDir, "demo")): Promise<{ clips: Described[]; pictures: Described[] }> {
  const manifest = JSON.parse(await readFile(join(root, DEMO_FILE), "utf8")) as DemoManifest;
  const names = manifest.classes.map(({ name }) => name);
  const clips: Described[] = [];
  for (const { path, segments } of manifest.recordings) {
    const [segment] = segments;
    if (segment?.class === undefined) continue;
    const held = manifest.split.testSubjects.includes(segment.subject ?? "");
    clips.push({ vector: await clipVector(join(root, path)), label: names.indexOf(segment.class), held });
  }
  const pictures: Described[] = [];
  for (const [label, name] of names.entries()) {
    for (const file of (await readdir(join(root, "pictures", name))).sort()) {
      pictures.push({ vector: await pictureVector(join(root, "pictures", name, file)), label, held: false });
    }
  }
  return { clips, pictures };
}

/** Share of `asked` whose nearest neighbor in `known` has their label. */
export function nearestNeighbor(known: readonly Described[], asked: readonly Described[]): number {
  const right = asked.filter(({ vector, label }) => {
    let [best, found] = [-Infinity, -1];
    for (const other of known) {
      let dot = 0;
      for (let i = 0; i < vector.length; i++) dot += (vector[i] ?? 0) * (other.vector[i] ?? 0);
      if (dot > best) [best, found] = [dot, other.label];
    }
    return found === label;
  });
  return right.length / asked.length;
}

/** `perClass` labelled clips of each class, drawn at random. */
export function draw(clips: readonly Described[], perClass: number, seed: number): Described[] {
  const random = createRandom(seed);
  const shuffled = clips.map((clip) => ({ clip, key: random.uniform() })).sort((a, b) => a.key - b.key);
  const taken = new Map<number, number>();
  return shuffled.flatMap(({ clip }) => {
    const count = taken.get(clip.label) ?? 0;
    taken.set(clip.label, count + 1);
    return count < perClass ? [clip] : [];
  });
}

if (import.meta.main) {
  const { clips, pictures } = await describeDemo();
  const [train, test] = [clips.filter(({ held }) => !held), clips.filter(({ held }) => held)];
  const percent = (value: number): string => `${Math.round(100 * value)} %`;
  const mean = (accuracy: (seed: number) => number): number =>
    Array.from({ length: 20 }, (_, seed) => accuracy(seed)).reduce((sum, value) => sum + value, 0) / 20;
  for (const perClass of [1, 3, 6, 12]) {
    const alone = mean((seed) => nearestNeighbor(draw(train, perClass, seed), test));
    const both = mean((seed) => nearestNeighbor([...draw(train, perClass, seed), ...pictures], test));
    console.log(`| ${perClass} | ${percent(alone)} | ${percent(both)} |`);
  }
  console.log(
    `pictures alone: ${percent(nearestNeighbor(pictures, test))} of the test clips, ${percent(nearestNeighbor(pictures, clips))} of all`,
  );
}
