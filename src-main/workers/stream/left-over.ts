import { basename } from "node:path";
import type { Beside, Trigger } from "#shared/events/beside.ts";
import { writeAtomic } from "#main/lib/files.ts";
import { sidecarPath } from "#main/lib/sidecar.ts";

type Kind = keyof Beside;

/** More triggers than this are only counted in the note. */
const MAX_TRIGGERS = 1 << 20;

/** What lies beside the events of a recording and finds no room in its new format: counted, and triggers written beside it. */
export class LeftOver {
  readonly #holds: ReadonlySet<Kind>;
  readonly #counts = new Map<Kind, number>();
  readonly #triggers: Trigger[] = [];

  constructor(holds: readonly Kind[]) {
    this.#holds = new Set(holds);
  }

  /** The part that the new format can hold. */
  keep(beside: Beside): Beside {
    const { triggers, frames, imu } = beside;
    for (const [kind, found] of Object.entries({ triggers, frames, imu }) as [Kind, readonly unknown[] | undefined][])
      if (found !== undefined && found.length > 0 && !this.#holds.has(kind))
        this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + found.length);
    if (!this.#holds.has("triggers"))
      for (const trigger of triggers ?? []) if (this.#triggers.length < MAX_TRIGGERS) this.#triggers.push(trigger);
    return {
      ...(triggers !== undefined && this.#holds.has("triggers") ? { triggers } : {}),
      ...(frames !== undefined && this.#holds.has("frames") ? { frames } : {}),
      ...(imu !== undefined && this.#holds.has("imu") ? { imu } : {}),
    };
  }

  /** Whether something found no room. */
  get any(): boolean {
    return this.#counts.size > 0;
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** A note beside the new file with what did not fit into it and what had to be changed. */
  async writeNote(output: string, input: string, changes: Readonly<Record<string, string>>): Promise<void> {
    const note = { convertedFrom: basename(input), changes, notKept: this.counts(), triggers: this.#triggers };
    await writeAtomic(sidecarPath(output).replace(/\.json$/, ".not-kept.json"), `${JSON.stringify(note)}\n`);
  }
}
