import type { StreamHandle } from "#shared/api/engine-api.ts";
import { toErrorData, type AppErrorData } from "#shared/api/errors.ts";
import type { StreamRef, StreamStatus } from "#shared/api/stream-api.ts";
import type { Client, StreamLink } from "#renderer/client.ts";
import type { Engine } from "./app.svelte.ts";

/** A stream that belongs to a page: opened with it, followed, and closed with it. */
export class OpenStream {
  handle = $state.raw<StreamHandle | undefined>();
  link = $state.raw<StreamLink | undefined>();
  status = $state.raw<StreamStatus | undefined>();
  error = $state.raw<AppErrorData | undefined>();
  readonly #engine: Engine;
  readonly #client: Client;
  #closed = false;

  constructor(client: Client, engine: Engine, ref: StreamRef) {
    this.#client = client;
    this.#engine = engine;
    void this.#open(ref);
  }

  async #open(ref: StreamRef): Promise<void> {
    try {
      const handle = await this.#engine.streams.open(ref);
      if (this.#closed) return void (await this.#engine.streams.close(handle.id));
      this.handle = handle;
      this.link = await this.#client.openStream(handle);
      for await (const status of this.link.api.status()) this.status = status;
    } catch (error) {
      if (!this.#closed) this.error = toErrorData(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.link?.close();
    const { handle } = this;
    // The page is leaving: a stream that is gone already needs no closing.
    if (handle !== undefined) this.#engine.streams.close(handle.id).catch(() => undefined);
  }
}
