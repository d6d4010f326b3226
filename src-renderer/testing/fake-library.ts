import type {
  ClassInfo,
  Clip,
  ClipQuery,
  EditResult,
  EngineApi,
  Facets,
  LibraryEdit,
  RecordingInfo,
  Segment,
} from "#shared/api/engine-api.ts";
import { AppError } from "#shared/api/errors.ts";
import { fakeThumbnail } from "./fake-scene.ts";
import { fakeRate } from "./fake-stream.ts";

type State = { classes: ClassInfo[]; segments: Segment[]; recordings: RecordingInfo[] };

/** A small library in memory with the real rules for edits and undo: for tests of pages and their state. */
export class FakeLibrary {
  state: State = { classes: [], segments: [], recordings: [] };
  #past: { label: string; state: State }[] = [];
  #future: { label: string; state: State }[] = [];
  #revision = 0;
  #listeners = new Set<() => void>();
  #next = 1;

  get canUndo(): boolean {
    return this.#past.length > 0;
  }
  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  #changed(): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }

  #result(label: string, created: readonly string[] = []): EditResult {
    this.#changed();
    return { label, created, canUndo: this.canUndo, canRedo: this.canRedo };
  }

  edit(edit: LibraryEdit): EditResult {
    const before = structuredClone(this.state);
    const created: string[] = [];
    const label = this.#apply(edit, created);
    this.#past.push({ label, state: before });
    this.#future = [];
    return this.#result(label, created);
  }

  #apply(edit: LibraryEdit, created: string[]): string {
    const { state } = this;
    const nameOf = (id: string | null | undefined): string => state.classes.find((one) => one.id === id)?.name ?? "unlabelled";
    switch (edit.kind) {
      case "add-segment": {
        const id = edit.segment.id ?? `s${this.#next++}`;
        created.push(id);
        state.segments.push({ ...edit.segment, id });
        return `Labelled ${((edit.segment.end - edit.segment.start) / 1e6).toFixed(2)} s as ${nameOf(edit.segment.classId)}`;
      }
      case "update-segment": {
        state.segments = state.segments.map((segment) => {
          if (segment.id !== edit.id) return segment;
          const merged = Object.fromEntries(Object.entries({ ...segment, ...edit.patch }).filter(([, value]) => value !== null));
          return merged as unknown as Segment;
        });
        return edit.patch.classId === undefined ? "Changed a clip" : `Labelled a clip as ${nameOf(edit.patch.classId)}`;
      }
      case "remove-segment":
        state.segments = state.segments.filter((segment) => segment.id !== edit.id);
        return "Removed a clip";
      case "add-class": {
        const id = `c${this.#next++}`;
        created.push(id);
        state.classes.push({
          id,
          name: edit.name,
          key: edit.key ?? (state.classes.length + 1) % 10,
          color: state.classes.length,
        });
        return `Added the class ${edit.name}`;
      }
      case "update-class":
        state.classes = state.classes.map((one) => (one.id === edit.id ? { ...one, ...edit.patch } : one));
        return "Changed a class";
      case "remove-class":
        state.classes = state.classes.filter((one) => one.id !== edit.id);
        return "Removed a class";
      case "rename-recording":
        state.recordings = state.recordings.map((one) => (one.id === edit.id ? { ...one, name: edit.name } : one));
        return "Renamed a recording";
      case "remove-recording":
        state.recordings = state.recordings.filter((one) => one.id !== edit.id);
        state.segments = state.segments.filter((segment) => segment.recordingId !== edit.id);
        return "Took a recording out of the library";
      case "many":
        for (const one of edit.edits) this.#apply(one, created);
        return edit.label;
    }
  }

  #swap(from: { label: string; state: State }[], to: { label: string; state: State }[], none: string): EditResult {
    const step = from.pop();
    if (step === undefined) throw new AppError("empty", none);
    to.push({ label: step.label, state: structuredClone(this.state) });
    this.state = step.state;
    return this.#result(step.label);
  }

  clips(query: ClipQuery): Clip[] {
    return this.state.segments
      .filter((segment) => {
        if (query.classIds && !query.classIds.includes(segment.classId ?? null)) return false;
        if (query.subjects && !query.subjects.includes(segment.subject ?? "")) return false;
        if (query.recordingId && query.recordingId !== segment.recordingId) return false;
        return !query.states || query.states.includes(segment.state);
      })
      .flatMap((segment) => {
        const recording = this.state.recordings.find((one) => one.id === segment.recordingId);
        return recording === undefined ? [] : [{ ...segment, recording }];
      })
      .filter(
        (clip) =>
          !query.text ||
          `${clip.recording.name} ${clip.subject ?? ""} ${clip.condition ?? ""}`.toLowerCase().includes(query.text.toLowerCase()),
      );
  }

  #facets(query: ClipQuery = {}): Facets {
    const count = (key: "classId" | "subject" | "condition", clips: Clip[]): Record<string, number> => {
      const result: Record<string, number> = {};
      for (const clip of clips) if (clip[key] !== undefined) result[clip[key]] = (result[clip[key]] ?? 0) + 1;
      return result;
    };
    const without = (key: keyof ClipQuery): Clip[] =>
      this.clips(Object.fromEntries(Object.entries(query).filter(([name]) => name !== key)));
    const all = this.clips({});
    return {
      recordings: this.state.recordings.length,
      clips: all.length,
      unlabelled: all.filter((clip) => clip.classId === undefined).length,
      unsure: all.filter((clip) => clip.state === "unsure").length,
      classes: count("classId", without("classIds")),
      subjects: count("subject", without("subjects")),
      conditions: count("condition", this.clips(query)),
    };
  }

  readonly api: EngineApi["library"] = {
    watch: (...args: unknown[]) => this.#watch(args.find((one) => one instanceof AbortSignal)),
    recordings: ({ text = "", offset = 0, limit = 1000 } = {}) => {
      const found = this.state.recordings.filter((one) => one.name.toLowerCase().includes(text.toLowerCase()));
      return Promise.resolve({ total: found.length, recordings: found.slice(offset, offset + limit) });
    },
    recording: (id) => Promise.resolve(this.#recording(id)),
    classes: () => Promise.resolve(this.state.classes),
    segments: (id) => Promise.resolve(this.state.segments.filter((segment) => segment.recordingId === id)),
    clips: (query) => {
      const clips = this.clips(query);
      const offset = query.offset ?? 0;
      return Promise.resolve({ total: clips.length, clips: clips.slice(offset, offset + (query.limit ?? 200)) });
    },
    facets: (query) => Promise.resolve(this.#facets(query)),
    edit: (edit) => Promise.resolve(this.edit(edit)),
    undo: () => Promise.resolve().then(() => this.#swap(this.#past, this.#future, "There is nothing to undo")),
    redo: () => Promise.resolve().then(() => this.#swap(this.#future, this.#past, "There is nothing to redo")),
    add: () => {
      throw new AppError("unsupported", "This library holds what it was made with");
    },
    answer: () => {
      throw new AppError("unsupported", "This library holds what it was made with");
    },
    thumbnail: (id, range) => {
      const recording = this.#recording(id);
      const { start, end } = range ?? recording.range;
      return Promise.resolve(fakeThumbnail(start, end, recording.id.length + Number(recording.id.slice(1))));
    },
    rate: (id, columns) => Promise.resolve(fakeRate(this.#recording(id).range, columns)),
    importLabels: () => Promise.reject(new AppError("unsupported", "Not here")),
    exportLabels: () => Promise.resolve(""),
  };

  async *#watch(
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Awaited<ReturnType<typeof this.api.watch>> extends AsyncIterable<infer T> ? T : never> {
    while (signal?.aborted !== true) {
      const last = this.#past.at(-1);
      yield {
        revision: this.#revision,
        canUndo: this.canUndo,
        canRedo: this.canRedo,
        ...(last === undefined ? {} : { undoLabel: last.label }),
      };
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#listeners.delete(wake);
          resolve();
        };
        this.#listeners.add(wake);
        signal?.addEventListener("abort", wake, { once: true });
      });
    }
  }

  #recording(id: string): RecordingInfo {
    const recording = this.state.recordings.find((one) => one.id === id);
    if (recording === undefined) throw new AppError("not-found", `There is no recording "${id}"`);
    return recording;
  }
}

/** Recordings and clips to look at; everything in it is drawn. */
export function fillLibrary(library: FakeLibrary, recordings: number, clipsEach: number): void {
  const names = ["Rock", "Paper", "Scissors", "Point", "Thumb", "Push", "Wave", "Rest"];
  const classes = names.map((name, at): ClassInfo => ({ id: `c${at + 1000}`, name, key: at + 1, color: at }));
  const made = Array.from({ length: recordings }, (_, at): RecordingInfo => ({
    id: `r${at + 1}`,
    name: `bench-${String(at + 1).padStart(2, "0")}`,
    path: `/data/bench-${at + 1}.raw`,
    codec: "prophesee-raw",
    sensor: { width: 346, height: 260 },
    range: { start: 0, end: 62_400_000 },
    events: 2_634_190 + at * 1000,
    on: 1_500_000,
    bytes: 21_000_000,
    addedAt: Date.UTC(2026, 10, 18, 14, 12),
    metadata: { condition: "Office, 420 lx" },
    generated: true,
    missing: false,
  }));
  const segments = made.flatMap((recording, r) =>
    Array.from({ length: clipsEach }, (_, at): Segment => {
      const start = 1_500_000 + (at * 60_000_000) / clipsEach;
      const labelled = (at + r) % 9 !== 5;
      const one = classes[(at + r) % classes.length];
      return {
        id: `s${r}-${at}`,
        recordingId: recording.id,
        start,
        end: start + 2_000_000,
        subject: `P0${(r % 4) + 5}`,
        condition: r % 3 === 0 ? "Dim, 35 lx" : "Office, 420 lx",
        state: labelled ? (at % 11 === 7 ? "unsure" : "labelled") : "proposed",
        ...(labelled && one ? { classId: one.id } : {}),
      };
    }),
  );
  library.state = { classes, recordings: made, segments };
}
