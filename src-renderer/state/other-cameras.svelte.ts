import type { DeviceInfo } from "#shared/api/devices.ts";
import type { App } from "./app.svelte.ts";

/** A further camera: open in a stream of its own, without a picture. */
export type OtherCamera = { readonly deviceId: string; readonly label: string; readonly streamId: string };

/** Cameras that are recorded together with the one that is shown. */
export class OtherCameras {
  open = $state.raw<readonly OtherCamera[]>([]);
  /** Being opened. */
  opening = $state.raw<readonly string[]>([]);
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  /** The streams, for recording them. */
  get ids(): readonly string[] {
    return this.open.map(({ streamId }) => streamId);
  }

  has(device: DeviceInfo): boolean {
    return this.opening.includes(device.id) || this.open.some(({ deviceId }) => deviceId === device.id);
  }

  async add(device: DeviceInfo): Promise<void> {
    if (this.has(device)) return;
    this.opening = [...this.opening, device.id];
    const handle = await this.#app.attempt(({ streams }) => streams.open({ kind: "camera", deviceId: device.id }));
    const wanted = this.opening.includes(device.id);
    this.opening = this.opening.filter((id) => id !== device.id);
    if (handle === undefined) return;
    if (wanted) this.open = [...this.open, { deviceId: device.id, label: device.label, streamId: handle.id }];
    else await this.#app.attempt(({ streams }) => streams.close(handle.id));
  }

  /** What it was recording is kept. */
  async remove(device: Pick<DeviceInfo, "id">): Promise<void> {
    this.opening = this.opening.filter((id) => id !== device.id);
    const gone = this.open.filter(({ deviceId }) => deviceId === device.id);
    this.open = this.open.filter(({ deviceId }) => deviceId !== device.id);
    for (const { streamId } of gone) await this.#app.attempt(({ streams }) => streams.close(streamId));
  }

  async close(): Promise<void> {
    this.opening = [];
    for (const { deviceId } of this.open) await this.remove({ id: deviceId });
  }
}
