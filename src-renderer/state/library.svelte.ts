import type { ClassInfo, Clip, ClipQuery, Facets, RecordingInfo, Segment, SegmentState } from "#shared/api/engine-api.ts";
import type { RateStrip } from "#shared/api/stream-api.ts";
import { toAppError } from "#shared/api/errors.ts";
import type { App } from "./app.svelte.ts";
import { nextUnlabelled } from "./labels.ts";
import { PagedList } from "./paged.svelte.ts";
import { Player } from "./player.svelte.ts";

/** Columns of a recording's rate strip: enough for a wide screen at four times zoom. */
const STRIP_COLUMNS = 8192;

/** A clip narrower than one part in so many of the ruler is gone up to. */
const FAR = 16;

/** What the left column can be set to. */
export type Filter = {
  readonly show: "everything" | "recordings" | "clips";
  readonly review?: "unlabelled" | "unsure" | undefined;
  readonly classIds: readonly string[];
  readonly subjects: readonly string[];
  readonly text: string;
};
export const noFilter: Filter = { show: "everything", classIds: [], subjects: [], text: "" };

/** The filter as the engine understands it. */
export function queryOf(filter: Filter): ClipQuery {
  const states: readonly SegmentState[] | undefined = filter.review === "unsure" ? ["unsure"] : undefined;
  const classIds = filter.review === "unlabelled" ? [null] : filter.classIds.length > 0 ? filter.classIds : undefined;
  return {
    ...(classIds === undefined ? {} : { classIds }),
    ...(states === undefined ? {} : { states }),
    ...(filter.subjects.length > 0 ? { subjects: filter.subjects } : {}),
    ...(filter.text.trim() === "" ? {} : { text: filter.text.trim() }),
  };
}

/** The library page: what is listed, what is open, what is chosen, and every edit of labels. */
export class LibraryPage {
  filter = $state.raw<Filter>(noFilter);
  classes = $state.raw<readonly ClassInfo[]>([]);
  facets = $state.raw<Facets | undefined>();
  readonly recordings: PagedList<RecordingInfo>;
  readonly clips: PagedList<Clip>;
  /** What is open. */
  recording = $state.raw<RecordingInfo | undefined>();
  player = $state.raw<Player | undefined>();
  opening = $state(false);
  segments = $state.raw<readonly Segment[]>([]);
  strip = $state.raw<RateStrip | undefined>();
  chosen = $state<string | undefined>();
  readonly chosenSegment = $derived.by(() => this.segments.find((segment) => segment.id === this.chosen));
  readonly #app: App;
  #era = 0;

  constructor(app: App) {
    this.#app = app;
    const fail = (error: unknown): void => {
      if (toAppError(error).code !== "closed") app.fail(error);
    };
    this.recordings = new PagedList(async (offset, limit) => {
      const text = this.filter.text.trim();
      const { total, recordings } = await app.use().library.recordings({ offset, limit, ...(text === "" ? {} : { text }) });
      return { total, items: recordings };
    }, fail);
    this.clips = new PagedList(async (offset, limit) => {
      const { total, clips } = await app.use().library.clips({ ...queryOf(this.filter), offset, limit });
      return { total, items: clips };
    }, fail);
  }

  setFilter(patch: Partial<Filter>): void {
    this.filter = { ...this.filter, ...patch };
    this.recordings.clear();
    this.clips.clear();
  }

  /** Loads what depends on the library's content; called whenever its revision grows. */
  async refresh(): Promise<void> {
    this.recordings.refresh();
    this.clips.refresh();
    await this.#app.attempt(async ({ library }) => {
      const id = this.recording?.id;
      const [classes, facets, segments] = await Promise.all([
        library.classes(),
        library.facets(queryOf(this.filter)),
        id === undefined ? [] : library.segments(id),
      ]);
      this.classes = classes;
      this.facets = facets;
      if (id === this.recording?.id) this.segments = segments;
      if (this.chosen !== undefined && !this.segments.some((segment) => segment.id === this.chosen)) this.chosen = undefined;
    });
  }

  /** Opens a recording, and a clip in it when one is named. */
  async open(id: string, clip?: string): Promise<void> {
    if (this.recording?.id !== id || this.player === undefined) {
      const era = ++this.#era;
      this.#shut();
      this.opening = true;
      try {
        const { library } = this.#app.use();
        const recording = await library.recording(id);
        const [player, segments] = await Promise.all([
          Player.open(this.#app, { kind: "recording", path: recording.path }, recording.generated),
          library.segments(id),
        ]);
        if (era !== this.#era) {
          player.close();
          return;
        }
        this.recording = recording;
        this.segments = segments;
        this.player = player;
        library.rate(id, STRIP_COLUMNS).then(
          (strip) => {
            if (era === this.#era) this.strip = strip;
          },
          (error: unknown) => this.#app.fail(error),
        );
      } catch (error) {
        if (era === this.#era) this.#app.fail(error);
        return;
      } finally {
        if (era === this.#era) this.opening = false;
      }
    }
    if (clip !== undefined) this.choose(clip);
    else if (this.player.status?.state !== "playing") this.player.play();
  }

  /** Chooses a segment: its span is marked, looped and played. */
  choose(id: string | undefined): void {
    this.chosen = id;
    const segment = this.chosenSegment;
    const { player } = this;
    if (segment === undefined || player === undefined) return;
    player.mark({ start: segment.start, end: segment.end });
    player.setLooping(true);
    const span = segment.end - segment.start;
    // Long recordings: close enough to see the clip's edges.
    if ((player.shown.end - player.shown.start) / span > FAR) {
      player.show({ start: segment.start - 3 * span, end: segment.end + 3 * span });
    }
    const margin = span * 2;
    if (segment.start < player.shown.start || segment.end > player.shown.end)
      player.show({ start: segment.start - margin, end: segment.end + margin });
    player.seek(segment.start);
    player.play();
  }

  release(): void {
    this.chosen = undefined;
    this.player?.mark(undefined);
    this.player?.setLooping(false);
  }

  /** There is something a number key can label. */
  get labels(): boolean {
    return this.chosenSegment !== undefined || this.player?.marked !== undefined;
  }

  /** A number key: the chosen clip changes its class; else the span between in and out becomes a clip. */
  async label(key: number): Promise<void> {
    const one = this.classes.find((candidate) => candidate.key === key);
    if (one === undefined) {
      this.#app.toasts.show(`No class has the key ${key}`);
      return;
    }
    await this.labelAs(one);
  }

  async labelAs(one: ClassInfo): Promise<void> {
    const segment = this.chosenSegment;
    if (segment !== undefined) {
      await this.#edit({ kind: "update-segment", id: segment.id, patch: { classId: one.id, state: "labelled" } });
      return;
    }
    const marked = this.player?.marked;
    if (marked === undefined || this.recording === undefined) {
      this.#app.toasts.show("Set in and out first, or choose a clip");
      return;
    }
    const created = await this.#edit({
      kind: "add-segment",
      segment: {
        recordingId: this.recording.id,
        start: marked.start,
        end: marked.end,
        classId: one.id,
        state: "labelled",
        ...this.#inherited(),
      },
    });
    this.chosen = created?.[0];
  }

  /** New clips take the subject and condition of their neighbours, where these agree. */
  #inherited(): { subject?: string; condition?: string } {
    const [first] = this.segments;
    const same = (key: "subject" | "condition"): boolean => this.segments.every((segment) => segment[key] === first?.[key]);
    return {
      ...(first?.subject !== undefined && same("subject") ? { subject: first.subject } : {}),
      ...(first?.condition !== undefined && same("condition") ? { condition: first.condition } : {}),
    };
  }

  /** Enter: what is chosen is right; on to the next clip without a class. */
  async accept(): Promise<void> {
    const segment = this.chosenSegment;
    if (segment?.classId !== undefined && segment.state !== "labelled") {
      await this.#edit({ kind: "update-segment", id: segment.id, patch: { state: "labelled" } });
    }
    const after = segment?.start ?? this.player?.t ?? 0;
    const here = nextUnlabelled(this.segments, after, segment?.id);
    if (here !== undefined) return this.choose(here.id);
    const next = await this.#app.attempt((engine) => engine.library.clips({ classIds: [null], limit: 2 }));
    const clip = next?.clips.find((one) => one.id !== segment?.id);
    if (clip === undefined) {
      this.#app.toasts.show("Every clip has a class");
      return;
    }
    this.#app.router.go("library", [clip.recordingId], { clip: clip.id });
  }

  /** Who and under what condition; an empty text takes it away. */
  async describe(key: "subject" | "condition", text: string): Promise<void> {
    const segment = this.chosenSegment;
    const value = text.trim() === "" ? null : text.trim();
    if (segment === undefined || (segment[key] ?? null) === value) return;
    await this.#edit({ kind: "update-segment", id: segment.id, patch: { [key]: value } });
  }

  /** Labels written by another program: `start_us,end_us,class[,subject,condition]`. */
  async importLabels(csv: string): Promise<void> {
    const { recording } = this;
    if (recording === undefined) return;
    const result = await this.#app.attempt((engine) => engine.library.importLabels(recording.id, csv));
    if (result !== undefined)
      this.#app.toasts.show(result.label, { label: "Undo", keys: ["Mod+Z"], run: () => void this.#app.undo() });
    await this.refresh();
  }

  /** The file stays; undo brings it back. */
  async takeOut(): Promise<void> {
    const { recording } = this;
    if (recording === undefined) return;
    this.#era += 1;
    this.#shut();
    this.#app.router.replace("library");
    await this.#edit({ kind: "remove-recording", id: recording.id });
  }

  async rename(name: string): Promise<void> {
    const { recording } = this;
    if (recording === undefined || name.trim() === "" || name.trim() === recording.name) return;
    await this.#edit({ kind: "rename-recording", id: recording.id, name: name.trim() });
    this.recording = (await this.#app.attempt((engine) => engine.library.recording(recording.id))) ?? recording;
  }

  async remove(): Promise<void> {
    const segment = this.chosenSegment;
    if (segment === undefined) return;
    this.release();
    await this.#edit({ kind: "remove-segment", id: segment.id });
  }

  /** An edge has been dragged. */
  async move(id: string, range: { readonly start: number; readonly end: number }): Promise<void> {
    // Shown at once; the engine's answer follows.
    this.segments = this.segments.map((segment) => (segment.id === id ? { ...segment, ...range } : segment));
    if (id === this.chosen) this.player?.mark(range);
    await this.#edit({ kind: "update-segment", id, patch: { start: range.start, end: range.end } });
  }

  #edit(edit: Parameters<App["edit"]>[0]): Promise<readonly string[] | undefined> {
    return this.#app.edit(edit).then(async (created) => {
      await this.refresh();
      return created;
    });
  }

  #shut(): void {
    this.player?.close();
    this.player = undefined;
    this.recording = undefined;
    this.segments = [];
    this.strip = undefined;
    this.chosen = undefined;
  }

  close(): void {
    this.#era += 1;
    this.#shut();
  }
}
