import { StreamChecks, type StreamReadings } from "#renderer/plot/checks.ts";
import { LiveRate } from "#renderer/plot/live-rate.ts";
import type { RateStrip, ViewFrame } from "#shared/api/stream-api.ts";
import type { Player } from "./player.svelte.ts";

/** What the frames of a live stream tell beyond the picture: the checks, and the rate of the last seconds. */
export class LiveReadings {
  readings = $state.raw<StreamReadings | undefined>();
  strip = $state.raw<RateStrip | undefined>();
  readonly #player: Player;
  readonly #checks: StreamChecks;
  readonly #rate = new LiveRate();

  constructor(player: Player) {
    this.#player = player;
    this.#checks = new StreamChecks(player.handle.info.sensor);
  }

  /** For every frame shown. */
  take(frame: ViewFrame): void {
    this.#player.showed(frame.t);
    this.#rate.add(frame);
    const found = this.#checks.add(frame);
    if (found !== undefined) this.readings = found;
  }

  /** Draws the rate anew: at most a few times per second, not for every frame. */
  tick(): void {
    this.strip = this.#rate.strip();
  }
}
