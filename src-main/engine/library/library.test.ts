import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile, truncate, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LibraryEdit } from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { LIBRARY_FILE } from "./database.ts";
import { openLibrary, type Library, type NewRecording } from "./library.ts";
import { columns } from "./rows.ts";

let folder: string;
let library: Library;
const open = (readOnly = false): Library => openLibrary(folder, { readOnly, onChange: () => undefined });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-library-"));
  library = open();
});
afterEach(async () => {
  library.close();
  await rm(folder, { recursive: true, force: true });
});

const take = (name: string, end = 10_000_000): NewRecording => ({
  name,
  path: join(folder, "recordings", name),
  codec: "prophesee-raw",
  sensor: { width: 320, height: 320 },
  range: { start: 0, end },
  events: 1000,
  on: 400,
  bytes: 4000,
  metadata: { serial: "7" },
  generated: false,
  segments: [],
});
const addTake = (name: string, end?: number): string => library.add([take(name, end)], `Added ${name}`).created[0] ?? "";
const addClass = (name: string): string => library.edit({ kind: "add-class", name }).created[0] ?? "";
const label = (recordingId: string, start: number, end: number, classId?: string): string =>
  library.edit({
    kind: "add-segment",
    segment: { recordingId, start, end, state: "labelled", ...(classId !== undefined && { classId }) },
  }).created[0] ?? "";

/** Every row of every table, in an order of its own. */
function contents(): string {
  const db = new DatabaseSync(join(folder, LIBRARY_FILE), { readOnly: true });
  try {
    return JSON.stringify(Object.keys(columns).map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY id`).all()));
  } finally {
    db.close();
  }
}
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
  return "no error";
};

describe("reading a file anew", () => {
  const half = (): NewRecording => ({ ...take("a.csv", 5_000_000), sensor: { width: 640, height: 480 }, codec: "text" });
  const whole = { start: 0, end: 10_000_000, state: "proposed" as const };

  it("takes over what was found, makes the clip of the whole file anew, and can be undone", () => {
    const { created } = library.add([{ ...take("a.csv"), segments: [whole] }], "Added a.csv");
    const [id = ""] = created;
    const before = contents();
    library.reread(id, { ...half(), segments: [{ start: 0, end: 5_000_000, state: "proposed" }] });
    expect(library.recording(id)).toMatchObject({
      sensor: { width: 640, height: 480 },
      range: { start: 0, end: 5_000_000 },
      codec: "text",
    });
    expect(library.segments(id)).toMatchObject([{ start: 0, end: 5_000_000, state: "proposed" }]);
    library.undo();
    expect(contents()).toBe(before);
  });

  it("refuses to lose a label that people gave", () => {
    const id = addTake("a.csv");
    label(id, 6_000_000, 8_000_000, addClass("Rock"));
    const before = contents();
    expect(codeOf(() => library.reread(id, half()))).toBe("bad-argument");
    expect(contents()).toBe(before);
  });
});

describe("edits", () => {
  it("says what was done, and takes it back", () => {
    const rock = addClass("Rock");
    const recording = addTake("a.raw");
    const result = library.edit({
      kind: "add-segment",
      segment: { recordingId: recording, start: 1_000_000, end: 3_100_000, classId: rock, state: "labelled" },
    });
    expect(result).toMatchObject({ label: "Labelled 2.10 s as Rock", canUndo: true, canRedo: false });
    expect(library.segments(recording)).toHaveLength(1);
    expect(library.undo()).toMatchObject({ label: "Undone: Labelled 2.10 s as Rock", canRedo: true });
    expect(library.segments(recording)).toHaveLength(0);
    expect(library.redo().label).toBe("Done again: Labelled 2.10 s as Rock");
    expect(library.segments(recording)[0]).toMatchObject({ id: result.created[0], classId: rock });
    expect(codeOf(() => library.redo())).toBe("empty");
  });

  it("stores the color of a class and keeps one class for each key", () => {
    const names = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"];
    const ids = names.map(addClass);
    expect(library.classes().map(({ key }) => key)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, -1]);
    expect(library.classes().map(({ color }) => color)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2]);
    library.edit({ kind: "remove-class", id: ids[0]! });
    expect(library.classes()[0]).toMatchObject({ name: "B", color: 1 });
    library.edit({ kind: "update-class", id: ids[2]!, patch: { key: 2 } });
    expect(library.classes().map(({ name, key }) => `${name}${key}`)).toEqual(
      ["B3", "C2", "D4", "E5", "F6", "G7", "H8", "I9", "J0", "K-1"], // B gets what C gave up
    );
  });

  it("takes the label off the clips of a class that goes, and puts it back", () => {
    const [rock, recording] = [addClass("Rock"), addTake("a.raw")];
    label(recording, 0, 10, rock);
    label(recording, 10, 20, rock);
    expect(library.edit({ kind: "remove-class", id: rock }).label).toBe("Removed class Rock and its label from 2 clips");
    expect(library.segments(recording).map(({ classId }) => classId)).toEqual([undefined, undefined]);
    library.undo();
    expect(library.segments(recording).map(({ classId }) => classId)).toEqual([rock, rock]);
  });

  it("does many edits as one, all or nothing", () => {
    const recording = addTake("a.raw");
    const add = (start: number): LibraryEdit => ({
      kind: "add-segment",
      segment: { recordingId: recording, start, end: start + 5, state: "proposed" },
    });
    const before = contents();
    expect(codeOf(() => library.edit({ kind: "many", label: "Three", edits: [add(0), add(10), add(99_999_999)] }))).toBe(
      "bad-argument",
    );
    expect(contents()).toBe(before);
    expect(library.edit({ kind: "many", label: "Two", edits: [add(0), add(10)] })).toMatchObject({
      label: "Two",
      created: { length: 2 },
    });
    library.undo();
    expect(contents()).toBe(before);
  });

  it.each<[string, (ids: { recording: string; segment: string; rock: string }) => LibraryEdit, string]>([
    [
      "a clip that ends before it begins",
      ({ segment }) => ({ kind: "update-segment", id: segment, patch: { end: 5 } }),
      "bad-argument",
    ],
    [
      "a clip beyond its recording",
      ({ segment }) => ({ kind: "update-segment", id: segment, patch: { end: 10_000_001 } }),
      "bad-argument",
    ],
    ["half a microsecond", ({ segment }) => ({ kind: "update-segment", id: segment, patch: { end: 20.5 } }), "bad-argument"],
    [
      "a class that is not there",
      ({ segment }) => ({ kind: "update-segment", id: segment, patch: { classId: "c0" } }),
      "not-found",
    ],
    ["a clip that is not there", () => ({ kind: "remove-segment", id: "s0" }), "not-found"],
    [
      "a state that is none",
      ({ segment }) => ({ kind: "update-segment", id: segment, patch: { state: "sure" as never } }),
      "bad-argument",
    ],
    ["a second class of the name", () => ({ kind: "add-class", name: " rock " }), "exists"],
    ["an empty name", ({ recording }) => ({ kind: "rename-recording", id: recording, name: "  " }), "bad-argument"],
    ["a key that is none", ({ rock }) => ({ kind: "update-class", id: rock, patch: { key: 12 } }), "bad-argument"],
    ["an edit that is none", () => ({ kind: "explode" }) as unknown as LibraryEdit, "bad-argument"],
  ])("refuses %s and changes nothing", (_, make, code) => {
    const [rock, recording] = [addClass("Rock"), addTake("a.raw")];
    const segment = label(recording, 10, 20, rock);
    const before = contents();
    expect(codeOf(() => library.edit(make({ recording, segment, rock })))).toBe(code);
    expect(contents()).toBe(before);
  });

  it("undoes a batch in one go", () => {
    const before = contents();
    library.add([take("a.raw"), take("b.raw")], "Added 2", "batch");
    library.add([take("c.raw")], "Added 1", "batch");
    library.renameBatch("batch", "Added 3 recordings");
    expect(library.state().undoLabel).toBe("Added 3 recordings");
    library.undo();
    expect(contents()).toBe(before);
    library.redo();
    expect(library.recordings({}).total).toBe(3);
  });
});

/** A random edit that makes sense now. */
function randomEdit(random: () => number): LibraryEdit {
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const recording = pick(library.recordings({}).recordings);
  const classId = pick(library.classes())?.id;
  const segment = recording && pick(library.segments(recording.id));
  const start = Math.floor(random() * 1e6);
  const roll = random();
  if (recording === undefined || roll < 0.3) {
    if (recording === undefined || classId === undefined) return { kind: "add-class", name: `Class ${random()}` };
    return { kind: "add-segment", segment: { recordingId: recording.id, start, end: start + 100, classId, state: "labelled" } };
  }
  if (segment !== undefined && roll < 0.5) {
    return { kind: "update-segment", id: segment.id, patch: { start, end: start + 7, subject: random() < 0.5 ? "Anna" : null } };
  }
  if (segment !== undefined && roll < 0.6) return { kind: "remove-segment", id: segment.id };
  if (classId !== undefined && roll < 0.7)
    return { kind: "update-class", id: classId, patch: { key: Math.floor(random() * 10) } };
  if (classId !== undefined && roll < 0.75) return { kind: "remove-class", id: classId };
  if (roll < 0.8) return { kind: "rename-recording", id: recording.id, name: `name ${random()}` };
  if (roll < 0.83) return { kind: "remove-recording", id: recording.id };
  if (roll < 0.9) return { kind: "many", label: "Many", edits: [randomEdit(random)] };
  return { kind: "add-class", name: `Class ${random()}` };
}

describe("the journal", () => {
  it.each([1, 2, 3])("leads back to the beginning and forth to the end, through restarts (seed %i)", (seed) => {
    const random = seeded(seed);
    for (const name of ["a.raw", "b.raw", "c.raw", "d.raw"]) addTake(name);
    const states = [contents()];
    for (let count = 0; count < 120; count += 1) {
      library.edit(randomEdit(random));
      states.push(contents());
      // Now and then somebody changes their mind.
      if (random() < 0.2) {
        library.undo();
        states.pop();
        expect(contents()).toBe(states.at(-1));
      }
    }
    const final = states.at(-1);
    for (let index = states.length - 2; index >= 0; index -= 1) {
      if (index === 60) {
        library.close();
        library = open();
      }
      library.undo();
      expect(contents()).toBe(states[index]);
    }
    library.close();
    library = open();
    for (let index = 1; index < states.length; index += 1) library.redo();
    expect(contents()).toBe(final);
    expect(library.state().canRedo).toBe(false);
  });
});

describe("queries", () => {
  it("lists clips under combined filters and counts each under the others", () => {
    const [rock, paper] = [addClass("Rock"), addClass("Paper")];
    const [first, second] = [addTake("left 100%.raw"), addTake("right_1.raw")];
    const clips = [label(first, 0, 10, rock), label(first, 10, 20, paper), label(second, 0, 10, rock), label(second, 10, 20)];
    library.edit({ kind: "update-segment", id: clips[0]!, patch: { subject: "Anna", condition: "dark" } });
    library.edit({ kind: "update-segment", id: clips[2]!, patch: { subject: "Ben", state: "unsure" } });
    const ids = (query: Parameters<Library["clips"]>[0]): (string | undefined)[] =>
      library.clips(query).clips.map(({ id }) => id);
    expect(ids({})).toEqual(clips);
    expect(ids({ classIds: [rock] })).toEqual([clips[0], clips[2]]);
    expect(ids({ classIds: [null] })).toEqual([clips[3]]);
    expect(ids({ classIds: [null, paper] })).toEqual([clips[1], clips[3]]);
    expect(ids({ classIds: [] })).toEqual([]);
    expect(ids({ classIds: [rock], subjects: ["Ben"] })).toEqual([clips[2]]);
    expect(ids({ states: ["unsure"] })).toEqual([clips[2]]);
    expect(ids({ recordingId: second })).toEqual([clips[2], clips[3]]);
    expect(ids({ text: "100%" })).toEqual([clips[0], clips[1]]);
    expect(ids({ text: "right_1 roc" })).toEqual([clips[2]]);
    expect(ids({ text: "DARK anna" })).toEqual([clips[0]]);
    expect(library.clips({ limit: 1, offset: 2 })).toMatchObject({ total: 4, clips: [{ id: clips[2] }] });
    expect(library.facets({ classIds: [rock], subjects: ["Anna"] })).toEqual({
      recordings: 2,
      clips: 1,
      unlabelled: 0,
      unsure: 0,
      classes: { [rock]: 1 },
      subjects: { Anna: 1, Ben: 1 },
      conditions: { dark: 1 },
    });
    expect(library.facets({})).toMatchObject({ clips: 4, unlabelled: 1, unsure: 1, classes: { [rock]: 2, [paper]: 1 } });
    expect(library.recordings({ text: "right" }).recordings.map(({ name }) => name)).toEqual(["right_1.raw"]);
  });

  it("finds a recording by its file, wherever the workspace lies", async () => {
    const inside = addTake("a.raw");
    const elsewhere = library.add([{ ...take("x.raw"), path: "/data/x.raw" }], "Added").created[0];
    expect(library.byPath(join(folder, "recordings", "a.raw"))?.id).toBe(inside);
    library.close();
    const moved = `${folder}-moved`;
    await mkdir(moved);
    await writeFile(join(moved, LIBRARY_FILE), await readFile(join(folder, LIBRARY_FILE)));
    const other = openLibrary(moved, { readOnly: false, onChange: () => undefined });
    expect(other.recording(inside).path).toBe(join(moved, "recordings", "a.raw"));
    expect(other.recording(elsewhere ?? "").path).toBe("/data/x.raw");
    other.close();
    await rm(moved, { recursive: true });
  });
});

describe("label files", () => {
  it("goes out and comes in again the same", () => {
    const recording = addTake("a.raw");
    const csv = 'start_us,end_us,class,subject,condition\n0,100,Rock,Anna,\n100,250,"Paper, wet",,"a ""b"""\n300,400,rock,,\n';
    expect(library.importLabels(recording, csv).label).toBe("Read 3 labels for a.raw");
    expect(library.classes().map(({ name }) => name)).toEqual(["Rock", "Paper, wet"]);
    const out = library.exportLabels(recording);
    expect(out).toBe(csv.replace("400,rock", "400,Rock"));
    expect(library.importLabels(recording, out).created).toEqual([]); // twice the same is once
    library.undo();
    library.undo();
    expect(library.segments(recording)).toEqual([]);
    expect(library.classes()).toEqual([]);
  });

  it("names every bad line and takes over nothing", () => {
    const recording = addTake("a.raw", 1000);
    const csv = "0,100,Rock\n5,x,Rock\n\n100,50,Rock\n1,2\n1,2,\n900,1001,Rock\n";
    expect(() => library.importLabels(recording, csv)).toThrow(
      'line 2: end_us is "x", expected whole microseconds; line 4: end_us 50 is not after start_us 100; line 5: 2 columns, at least 3 are needed; line 6: the class is empty',
    );
    expect(() => library.importLabels(recording, "0,10,A\n900,1001,Rock")).toThrow(
      "line 2: 900 to 1001 lies outside the recording (0 to 1000)",
    );
    expect(library.segments(recording)).toEqual([]);
    expect(codeOf(() => library.importLabels(recording, "start_us,end_us,class\n"))).toBe("empty");
  });

  it("puts labels in the place of the whole file that waited for one", () => {
    const [id = ""] = library.add(
      [{ ...take("a.raw", 1000), segments: [{ start: 0, end: 1000, state: "proposed" }] }],
      "Added",
    ).created;
    library.importLabels(id, "0,100,Rock");
    expect(library.segments(id)).toMatchObject([{ start: 0, end: 100 }]);
  });
});

describe("the file", () => {
  it("makes one backup a day and keeps a week of them", async () => {
    addClass("Rock");
    await mkdir(join(folder, "backups"));
    for (let day = 1; day <= 9; day += 1) await writeFile(join(folder, "backups", `library-2020-01-0${day}.sqlite`), "");
    library.backUp();
    library.backUp();
    const names = readdirSync(join(folder, "backups")).toSorted();
    expect(names).toHaveLength(7);
    expect(names[0]).toBe("library-2020-01-04.sqlite");
    expect(names.at(-1)).toBe(`library-${new Date().toISOString().slice(0, 10)}.sqlite`);
  });

  it("comes back from the backup when it is damaged, and says so", async () => {
    addClass("Rock");
    library.backUp();
    addClass("Paper");
    library.close();
    await writeFile(join(folder, LIBRARY_FILE), "this is no database at all, whatever its name says".repeat(200));
    library = open();
    expect(library.classes().map(({ name }) => name)).toEqual(["Rock"]);
    expect(library.notices[0]).toMatch(/damaged and has been restored from the backup of \d{4}-\d\d-\d\d/);
    expect(readdirSync(folder).some((name) => name.startsWith("library.sqlite.damaged-"))).toBe(true);
  });

  it("starts empty when there is no backup either", async () => {
    addClass("Rock");
    library.close();
    await truncate(join(folder, LIBRARY_FILE), 5000);
    library = open();
    expect(library.classes()).toEqual([]);
    expect(library.notices[0]).toMatch(/no backup/);
  });

  it("refuses a library of a newer program and leaves it alone", () => {
    addClass("Rock");
    library.close();
    const db = new DatabaseSync(join(folder, LIBRARY_FILE));
    db.exec("PRAGMA user_version = 99");
    db.close();
    expect(codeOf(open)).toBe("version");
    const after = new DatabaseSync(join(folder, LIBRARY_FILE));
    expect(after.prepare("SELECT count(*) AS n FROM classes").get()).toEqual({ n: 1 });
    after.close();
  });

  it("can be looked at where nothing can be written", () => {
    addClass("Rock");
    library.close();
    library = open(true);
    expect(library.classes()).toHaveLength(1);
    expect(codeOf(() => addClass("Paper"))).toBe("read-only");
    expect(existsSync(join(folder, `${LIBRARY_FILE}-wal`))).toBe(false);
  });
});
