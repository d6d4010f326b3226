import type { ClassInfo, RecordingInfo, Segment } from "#shared/api/engine-api.ts";
import { toAppError, type AppError } from "#shared/api/errors.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import type { RawParams } from "#shared/units/params.ts";
import type { App } from "./app.svelte.ts";
import { OtherCameras } from "./other-cameras.svelte.ts";
import { Player } from "./player.svelte.ts";

/** A press shorter than this is a tap. What went by meanwhile comes from the pre-trigger buffer. */
export const TAP_MS = 220;
/** What Shift adds in front. */
export const BEFORE_US = 1_000_000;

export type Take = { readonly recording: RecordingInfo; readonly segment?: Segment };
/** What is being recorded, or about to be. */
export type Running = {
  readonly kind: "held" | "timed" | "free";
  readonly classId: string | undefined;
  readonly since: number;
  /** Streams of other cameras that are recorded with it. */
  readonly also?: readonly string[];
  /** Set while a countdown runs: when it begins. */
  readonly startsAt?: number;
};
type Press = { readonly classId: string; readonly at: number; readonly shift: boolean; timer: ReturnType<typeof setTimeout> };

/** Whether two looks at the USB have found the same camera: its place changes when it is plugged in again. */
const isSame = (a: DeviceInfo, b: DeviceInfo): boolean =>
  a.id === b.id ||
  (a.usb !== undefined && b.usb !== undefined && a.driver === b.driver && a.serial === b.serial && a.label === b.label);
/** What is remembered of a camera from one start to the next. */
const nameOf = ({ id, usb, driver, serial }: DeviceInfo): string => (usb === undefined ? id : `${driver} ${serial}`);
/** What an open camera cannot change. */
const FIXED = ["path", "seed", "sync", "allowSlowPort"];

/** The capture page: one open camera, class pads, takes. */
export class CapturePage {
  player = $state.raw<Player | undefined>();
  device = $state.raw<DeviceInfo | undefined>();
  opening = $state(false);
  failure = $state.raw<AppError | undefined>();
  params = $state.raw<RawParams>({});
  classes = $state.raw<readonly ClassInfo[]>([]);
  counts = $state.raw<Readonly<Record<string, number>>>({});
  running = $state.raw<Running | undefined>();
  /** Between the end of a take and its place in the library. */
  writing = $state(0);
  /** Of this session, newest first. */
  takes = $state.raw<readonly Take[]>([]);
  takeSeconds = $state(2);
  countdownSeconds = $state(0);
  goal = $state(0);
  subject = $state("");
  condition = $state("");
  /** Cameras that are recorded together with the one that is shown. */
  readonly others: OtherCameras;
  readonly #app: App;
  #press: Press | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Starts and stops follow each other; none overtakes. */
  #queue: Promise<void> = Promise.resolve();
  #known: readonly Take[] = [];
  #era = 0;
  /** A recording without a class was going on when the camera was unplugged. */
  #resumes = false;
  #gone = false;

  constructor(app: App) {
    this.#app = app;
    this.others = new OtherCameras(app);
    this.takeSeconds = app.remembered("capture.take", 2);
    this.countdownSeconds = app.remembered("capture.countdown", 0);
    this.goal = app.remembered("capture.goal", 20);
    this.subject = app.remembered("capture.subject", "");
    this.condition = app.remembered("capture.condition", "");
  }

  stick(key: "take" | "countdown" | "goal" | "subject" | "condition", value: string | number): void {
    if (key === "take") this.takeSeconds = Number(value);
    else if (key === "countdown") this.countdownSeconds = Number(value);
    else if (key === "goal") this.goal = Number(value);
    else if (key === "subject") this.subject = String(value);
    else this.condition = String(value);
    this.#app.remember(`capture.${key}`, value);
  }

  /** Classes, counts, and which takes still exist (an undo may have brought one back). */
  async refresh(): Promise<void> {
    await this.#app.attempt(async ({ library }) => {
      const [classes, facets, page] = await Promise.all([
        library.classes(),
        library.facets(),
        library.recordings({ limit: 200 }),
      ]);
      this.classes = classes;
      this.counts = facets.classes;
      const there = new Set(page.recordings.map((recording) => recording.id));
      this.takes = this.#known.filter((take) => there.has(take.recording.id));
    });
  }

  async open(device: DeviceInfo, params: RawParams = this.params): Promise<void> {
    const era = ++this.#era;
    this.#resumes = false;
    this.#gone = false;
    await this.#shut();
    this.device = device;
    this.params = params;
    this.failure = undefined;
    this.opening = true;
    this.#app.remember("capture.device", nameOf(device));
    try {
      const player = await Player.open(this.#app, { kind: "camera", deviceId: device.id, params }, device.virtual);
      if (era !== this.#era) return player.close();
      this.player = player;
    } catch (error) {
      if (era === this.#era) this.failure = toAppError(error);
    } finally {
      if (era === this.#era) this.opening = false;
    }
  }

  /** The fault is dealt with: opens the camera again without it. */
  async reopen(): Promise<void> {
    const { device } = this;
    if (device === undefined) return;
    const { unplug: _unplug, corrupt: _corrupt, stall: _stall, ...params } = this.params;
    await this.open(this.#app.devices.find((one) => isSame(one, device)) ?? device, params);
  }

  /** Cameras have come or gone. Opens the one that was unplugged and is back; before any is open, the one used last, or one that is ready. */
  follow(devices: readonly DeviceInfo[]): void {
    const { device } = this;
    if (device === undefined) {
      const last = this.#app.remembered("capture.device", "");
      const found =
        devices.find((one) => nameOf(one) === last && one.state === "ready") ??
        devices.find((one) => !one.virtual && one.state === "ready");
      if (found !== undefined) void this.open(found);
      return;
    }
    // A stream that waits for its camera opens it itself.
    const gone = (this.#gone && this.player?.status?.awaiting === undefined) || this.failure?.code === "camera-gone";
    const back = devices.find((one) => one.usb !== undefined && isSame(one, device) && one.state === "ready");
    if (gone && back !== undefined && !this.opening) void this.#goOn(back);
  }

  async #goOn(device: DeviceInfo): Promise<void> {
    const resumes = this.#resumes;
    await this.open(device);
    if (this.player === undefined) return;
    if (resumes) this.toggleFree();
    this.#app.toasts.show(`${device.label} is back${resumes ? "; recording goes on in a new take" : ""}`);
  }

  /** The camera has ended by itself: what was being recorded is a take, and is kept. */
  ended(): void {
    const status = this.player?.status;
    this.#gone = status?.error?.code === "camera-gone";
    if (this.running === undefined) return;
    // What runs until it is stopped goes on in a new take when the camera is back.
    if (status?.awaiting !== undefined && this.running.kind === "free") return;
    this.#resumes = this.running.kind === "free";
    this.#stop();
  }

  /** The stream goes on: its camera was unplugged, and is back. */
  wentOn(): void {
    if (!this.#gone) return;
    this.#gone = false;
    const recording = this.running?.kind === "free" ? "; recording goes on in a new take" : "";
    this.#app.toasts.show(`${this.device?.label ?? "The camera"} is back${recording}`);
  }

  /** Some parameters can change while the camera runs; what it is made of cannot. */
  async configure(params: RawParams): Promise<void> {
    const before = this.params;
    this.params = params;
    if (this.device === undefined) return;
    const reopens = FIXED.some((name) => before[name] !== params[name]);
    if (reopens || this.player === undefined) return this.open(this.device, params);
    try {
      await this.player.link.api.configure(params);
    } catch (error) {
      // Refused as a whole: the camera goes on with what was set before.
      if (this.params === params) this.params = before;
      this.#app.fail(error);
    }
  }

  // --- recording ---------------------------------------------------------------------------------------

  #enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch((error: unknown) => {
      this.running = undefined;
      this.#app.fail(error);
    });
  }

  #start(kind: Running["kind"], classId: string | undefined, beforeUs: number): void {
    const { player } = this;
    if (player === undefined) {
      this.#app.toasts.show("Open a camera first");
      return;
    }
    // A class is shown to one camera; what runs until it is stopped is seen by all.
    const also = kind === "free" ? this.others.ids : [];
    this.running = { kind, classId, since: performance.now() - beforeUs / 1000, ...(also.length > 0 && { also }) };
    this.#enqueue(async () => {
      const { streams } = this.#app.use();
      if (also.length > 0) await streams.recordTogether([player.handle.id, ...also]);
      else await streams.record(player.handle.id, beforeUs > 0 ? { beforeUs } : {});
    });
  }

  #stop(): void {
    const { player, running } = this;
    clearTimeout(this.#timer);
    if (player === undefined || running === undefined) return;
    this.running = undefined;
    if (running.startsAt !== undefined) return;
    this.writing += 1;
    this.#enqueue(async () => {
      try {
        const label = {
          ...(running.classId === undefined ? {} : { classId: running.classId }),
          ...(this.subject.trim() === "" ? {} : { subject: this.subject.trim() }),
          ...(this.condition.trim() === "" ? {} : { condition: this.condition.trim() }),
        };
        const { streams } = this.#app.use();
        const ended = [player.handle.id, ...(running.also ?? [])].map((id) => streams.stopRecording(id, label));
        const results = await Promise.allSettled(ended);
        const failed = results.find(({ status }) => status === "rejected");
        const takes = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
        const own = takes.flatMap((take) => [...(take.earlier ?? []), take]).toReversed();
        if (failed?.status === "rejected") this.#app.fail(failed.reason);
        this.#known = [...own, ...this.#known];
        this.takes = [...own, ...this.takes];
        await this.refresh();
      } finally {
        this.writing -= 1;
      }
    });
  }

  /** A class key or pad goes down. */
  press(classId: string, shift: boolean, at = performance.now()): void {
    if (this.#press !== undefined) return;
    if (this.running !== undefined) {
      // A second tap ends a timed take, or calls off its countdown.
      if (this.running.kind === "timed") this.#stop();
      return;
    }
    const timer = setTimeout(() => {
      if (this.#press !== undefined) this.#start("held", classId, TAP_MS * 1000 + (shift ? BEFORE_US : 0));
    }, TAP_MS);
    this.#press = { classId, at, shift, timer };
  }

  /** … and comes up again. */
  release(at = performance.now()): void {
    const press = this.#press;
    if (press === undefined) return;
    this.#press = undefined;
    clearTimeout(press.timer);
    const tap = at - press.at < TAP_MS;
    const { running } = this;
    if (running === undefined) {
      if (tap) this.#timed(press);
    } else if (running.kind === "held") {
      if (!tap) return this.#stop();
      // A busy page heard of the release too late: the take has begun and becomes a timed one.
      this.running = { ...running, kind: "timed" };
      this.#timer = setTimeout(() => this.#stop(), this.takeSeconds * 1000 - (performance.now() - running.since));
    }
  }

  #timed({ classId, shift }: Press): void {
    const begin = (): void => {
      this.#start("timed", classId, shift ? BEFORE_US : 0);
      this.#timer = setTimeout(() => this.#stop(), this.takeSeconds * 1000);
    };
    if (this.countdownSeconds <= 0) return begin();
    this.running = {
      kind: "timed",
      classId,
      since: performance.now(),
      startsAt: performance.now() + this.countdownSeconds * 1000,
    };
    this.#timer = setTimeout(begin, this.countdownSeconds * 1000);
  }

  /** R: records without a class until it is pressed again. */
  toggleFree(shift = false): void {
    if (this.running === undefined) this.#start("free", undefined, shift ? BEFORE_US : 0);
    else this.#stop();
  }

  /** Backspace: the last take leaves the library; the file stays, and undo brings it back. */
  async removeLast(): Promise<void> {
    const [take] = this.takes;
    if (take === undefined) {
      this.#app.toasts.show("There is no take to remove");
      return;
    }
    await this.#app.edit({
      kind: "many",
      label: "Removed the last take",
      edits: [
        ...(take.segment === undefined ? [] : [{ kind: "remove-segment", id: take.segment.id } as const]),
        { kind: "remove-recording", id: take.recording.id },
      ],
    });
    await this.refresh();
  }

  async #shut(): Promise<void> {
    clearTimeout(this.#timer);
    this.#press = undefined;
    if (this.running !== undefined) this.#stop();
    await this.#queue;
    this.player?.close();
    this.player = undefined;
  }

  close(): void {
    this.#era += 1;
    void this.#shut().then(() => this.others.close());
  }
}
