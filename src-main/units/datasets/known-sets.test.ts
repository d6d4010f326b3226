import { describe, expect, it } from "vitest";
import { datasets } from "./index.ts";
import { aslDvs } from "./asl-dvs.ts";
import { caltech101 } from "./caltech101.ts";
import { cepDvsImages } from "./cep-dvs/cep-dvs-images.ts";
import { cepDvs } from "./cep-dvs/cep-dvs.ts";
import { cifar10Dvs } from "./cifar10-dvs.ts";
import { dvsLip } from "./dvs-lip.ts";
import { dvs128Gesture } from "./dvs128-gesture.ts";
import { labelledRecordings } from "./labelled-recordings.ts";
import { nCaltech101 } from "./n-caltech101.ts";
import { nCars } from "./n-cars.ts";
import { nOmniglot } from "./n-omniglot.ts";
import { omniglot } from "./omniglot.ts";
import { put, putAll, root, useTree, winner } from "./testing/tree.ts";

useTree();

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const padded = (number: number, digits = 4): string => String(number).padStart(digits, "0");

it("has a unit for each id, once", () => {
  const ids = datasets.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

describe("n-caltech101", () => {
  it("leaves Faces and the outlines out and trains with the first nine of ten", async () => {
    await putAll(range(10).map((n) => `Caltech101/BACKGROUND_Google/image_${padded(n + 1)}.bin`));
    await putAll(range(3).map((n) => `Caltech101/accordion/image_${padded(n + 1)}.bin`));
    await putAll(["Caltech101/Faces/image_0001.bin", "Caltech101_annotations/accordion/annotation_0001.bin"]);
    expect(await winner()).toBe("n-caltech101");
    const found = await nCaltech101.read(root);
    expect(found.classes).toEqual(["BACKGROUND_Google", "accordion"]);
    expect(found.sensor).toBeUndefined();
    expect(found.samples.map(({ label, number, part }) => `${label[0]}${number} ${part}`)).toEqual([
      ...range(9).map((n) => `B${n + 1} train`),
      "B10 test",
      ...range(3).map((n) => `a${n + 1} train`), // 2.7 rounds to 3
    ]);
    expect(found.warnings.join(" ")).toMatch(/Faces is left out \(1 clip\).*test part has nothing of accordion/s);
    expect(found.pairing).toEqual({ pictures: "Caltech101", numbers: "class" });
  });
});

describe("caltech101", () => {
  it("is read from around its folder, without Faces", async () => {
    await putAll(["101_ObjectCategories/accordion/image_0001.jpg", "101_ObjectCategories/Faces/image_0001.jpg"]);
    await put("101_ObjectCategories/BACKGROUND_Google/tmp");
    expect(await winner()).toBe("caltech101");
    const found = await caltech101.read(root);
    expect(found.samples).toEqual([{ path: "101_ObjectCategories/accordion/image_0001.jpg", label: "accordion", number: 1 }]);
    expect(found.warnings).toEqual([
      "Faces is left out (1 picture): Faces_easy shows the same pictures.",
      "Left out: 1 file other than pictures.",
    ]);
  });
});

describe("cifar10-dvs", () => {
  it("deals out by number, not by the order of names, and says how files are turned", async () => {
    await putAll(range(20).map((n) => `airplane/cifar10_airplane_${n}.aedat`));
    await put("truck/cifar10_truck_0.aedat4");
    expect(await winner()).toBe("cifar10-dvs");
    const { samples, classes, pairing } = await cifar10Dvs.read(root);
    expect(classes).toEqual(["airplane", "truck"]);
    expect(samples.filter(({ part }) => part === "test").map(({ path }) => path)).toEqual([
      "airplane/cifar10_airplane_18.aedat",
      "airplane/cifar10_airplane_19.aedat",
    ]);
    expect(samples.find(({ label }) => label === "airplane")?.answers).toMatchObject({
      swapXY: "yes",
      flipX: "yes",
      flipY: "yes",
    });
    expect(samples.find(({ label }) => label === "truck")?.answers).toMatchObject({ swapXY: "yes", flipX: "no", flipY: "no" });
    expect(pairing?.numbers).toBe("guessed");
  });
});

describe("dvs128-gesture", () => {
  const labels = "class,startTime_usec,endTime_usec\n1,100,200\n8,300,500\n8,600,900\n";

  it("cuts recordings by their tables and follows the lists of trials", async () => {
    await put("user01_natural.aedat", "x");
    await put("user01_natural_labels.csv", labels);
    await put("user24_led.aedat", "x");
    await put("user24_led_labels.csv", "class,startTime_usec,endTime_usec\n11,5,4\n11,5,9\n12,1,2\n");
    await put("user03_lab.aedat", "x");
    await put("user04_lab.aedat", "x");
    await put("user04_lab_labels.csv", labels);
    await put("trials_to_train.txt", "user01_natural.aedat\nuser02_lab.aedat\n");
    await put("trials_to_test.txt", "user24_led.aedat\r\n");
    expect(await winner()).toBe("dvs128-gesture");
    const found = await dvs128Gesture.read(root);
    expect(found.classes).toEqual(["hand clapping", "arm roll", "other"]);
    const one = { path: "user01_natural.aedat", part: "train", subject: "user01" };
    expect(found.samples).toEqual([
      { ...one, label: "hand clapping", range: { start: 100, end: 200 } },
      { ...one, label: "arm roll", range: { start: 300, end: 500 } },
      { ...one, label: "arm roll", range: { start: 600, end: 900 } },
      { path: "user24_led.aedat", part: "test", subject: "user24", label: "other", range: { start: 5, end: 9 } },
    ]);
    const said = found.warnings.join(" ");
    expect(said).toMatch(/label 1 ends at 4 and begins at 5.*there is no class 12/s);
    expect(said).toMatch(/Without a table of labels and left out: user03_lab.aedat.*neither list.*user04_lab.aedat/s);
    expect(said).toMatch(/Listed and not there: user02_lab.aedat/);
  });

  it("divides by user where the lists are missing", async () => {
    for (const user of ["user23_led", "user24_led"]) {
      await put(`${user}.aedat`, "x");
      await put(`${user}_labels.csv`, labels);
    }
    const found = await dvs128Gesture.read(root);
    expect(found.samples.map(({ subject, part }) => `${subject} ${part}`)).toEqual([
      ...Array<string>(3).fill("user23 train"),
      ...Array<string>(3).fill("user24 test"),
    ]);
    expect(found.warnings.join(" ")).toMatch(/trials_to_train.txt and trials_to_test.txt are not both there/);
  });
});

describe("n-omniglot and omniglot", () => {
  const row = (n: number): string => `${n},${1_600_000_000_000_000 + n * 1000},${1_600_000_000_000_900 + n * 1000}`;
  const table = [",start,end", ...range(20).map(row), ""].join("\n");

  it("pairs drawing n with the picture of drawer n", async () => {
    await put("dvs_background/Greek/character01/0394.aedat4", "x");
    await put("dvs_background/Greek/character01/0394.csv", table);
    await put("dvs_evaluation/Tibetan/character07/1500.aedat4", "x");
    expect(await winner()).toBe("n-omniglot");
    const found = await nOmniglot.read(root);
    expect(found.samples).toHaveLength(20);
    expect(found.samples[0]).toEqual({
      ...{ path: "dvs_background/Greek/character01/0394.aedat4", label: "Greek/character01", part: "train", number: 1 },
      ...{ subject: "drawer 01", range: { start: 1_600_000_000_000_000, end: 1_600_000_000_000_900 } },
    });
    expect(found.samples.map(({ part }) => part).indexOf("test")).toBe(15);
    expect(found.warnings.join(" ")).toMatch(/Without a table and left out: dvs_evaluation\/Tibetan/);
  });

  it("names classes by alphabet and character in both", async () => {
    await putAll(range(20).map((n) => `images_background/Greek/character01/0394_${padded(n + 1, 2)}.png`));
    expect(await winner()).toBe("omniglot");
    const found = await omniglot.read(root);
    expect(found.classes).toEqual(["Greek/character01"]);
    expect(found.samples.map(({ number }) => number)).toEqual(range(20).map((n) => n + 1));
  });
});

describe("cep-dvs", () => {
  it("takes classes from its table and pairs by number", async () => {
    const classes = ["fish", "vehicles_1"];
    const line = (n: number): string => `${n} a b c ${classes[n % 2]} picture_${n}.jpg`;
    await put("pathFile.csv", ["id path", ...range(20).map(line), ""].join("\n"));
    await putAll(range(20).map((n) => `data/MAT/img/${n}.mat`));
    await putAll([...range(20).map((n) => `data/img/${n}.jpg`), "data/img/99.jpg"]);
    expect(await winner()).toBe("cep-dvs");
    const events = await cepDvs.read(root);
    const pictures = await cepDvsImages.read(root);
    expect(events.classes).toEqual(["fish", "vehicles_1"]);
    const fish = events.samples.filter(({ label }) => label === "fish");
    expect(fish.map(({ part }) => part)).toEqual([
      ...Array<string>(5).fill("train"),
      ...Array<string>(2).fill("test"),
      ...Array<string>(3).fill("validation"),
    ]);
    expect(fish.map(({ number }) => number)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    const labels = new Map(pictures.samples.map(({ number, label }) => [number, label]));
    for (const { number, label } of events.samples) expect(labels.get(number)).toBe(label);
    expect(pictures.warnings).toEqual(["Left out: 1 picture without a class in pathFile.csv."]);
  });
});

describe("sets in a folder for each class", () => {
  it("reads ASL-DVS by half a turn", async () => {
    await putAll(["a/a_0001.mat", "y/y_4200.mat", "y/readme.txt"]);
    expect(await winner()).toBe("asl-dvs");
    const found = await aslDvs.read(root);
    expect(found.samples[0]).toEqual({
      ...{ path: "a/a_0001.mat", label: "a", number: 1 },
      answers: { width: 240, height: 180, flipX: "yes", flipY: "yes", oneBased: "no" },
    });
  });

  it("keeps the parts of DVS-Lip", async () => {
    await putAll(["train/accused/0.npy", "train/young/12.npy", "test/accused/3.npy"]);
    expect(await winner()).toBe("dvs-lip");
    const found = await dvsLip.read(root);
    expect(found.samples.map(({ path, part }) => `${part} ${path}`)).toEqual([
      "test test/accused/3.npy",
      "train train/accused/0.npy",
      "train train/young/12.npy",
    ]);
    expect(found.warnings.join(" ")).toMatch(/test part has nothing of young/);
  });

  it("reads N-Cars as its archives unpack", async () => {
    await putAll(["n-cars_train/train/cars/obj_004396_td.dat", "n-cars_train/train/background/obj_000001_td.dat"]);
    await putAll(["n-cars_test/cars/obj_000002_td.dat"]);
    expect(await winner()).toBe("n-cars");
    const found = await nCars.read(root);
    expect(found.samples.map(({ path, label, part }) => [path, label, part])).toEqual([
      ["n-cars_test/cars/obj_000002_td.dat", "cars", "test"],
      ["n-cars_train/train/background/obj_000001_td.dat", "background", "train"],
      ["n-cars_train/train/cars/obj_004396_td.dat", "cars", "train"],
    ]);
  });
});

describe("labelled-recordings", () => {
  it("cuts any recording by the table beside it", async () => {
    await put("train/anna.raw", "x");
    await put("train/anna.csv", 'start_us;end_us;class;subject\n0;10;rock;anna\n10;30;"pa;per";\n');
    await put("test/ben.raw", "x");
    await put("test/ben_labels.csv", "class,start,end\nrock,1.5,3\nrock,4,8\n");
    await put("test/carl.raw", "x");
    expect(await winner()).toBe("labelled-recordings");
    await put("test/carl.csv", "t,x,y,p\n");
    const found = await labelledRecordings.read(root);
    expect(found.samples).toEqual([
      { path: "test/ben.raw", label: "rock", part: "test", range: { start: 4, end: 8 } },
      { path: "train/anna.raw", label: "rock", part: "train", subject: "anna", range: { start: 0, end: 10 } },
      { path: "train/anna.raw", label: "pa;per", part: "train", range: { start: 10, end: 30 } },
    ]);
    expect(found.warnings.join(" ")).toMatch(/label 1 has no whole microseconds.*carl.csv has no columns/s);
  });
});
