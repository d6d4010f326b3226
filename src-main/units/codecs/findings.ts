import type { Trigger } from "#shared/events/beside.ts";
import type { Damage, SourceReport } from "#shared/events/source.ts";

/** More places than this are only counted: a file of noise must not fill the memory with remarks about it. */
const MAX_DAMAGE = 1000;
/** More triggers than this are only counted. */
const MAX_TRIGGERS = 1 << 20;

/** What one pass over a file has come across. */
export class Findings {
  /** How far the pass has come, bytes. */
  reached = 0;
  events = 0;
  readonly #damage = new Map<number, Damage>();
  #moreDamage = 0;
  readonly #triggers: Trigger[] = [];
  #moreTriggers = 0;
  #dropped: Record<string, number> = {};
  readonly #others = new Map<string, number>();

  /** Notes a place once, however often it is read. */
  damage(place: Damage): void {
    if (this.#damage.has(place.offset) || this.#damage.size < MAX_DAMAGE) this.#damage.set(place.offset, place);
    else this.#moreDamage += 1;
  }

  triggers(found: readonly Trigger[]): void {
    for (const trigger of found) {
      if (this.#triggers.length < MAX_TRIGGERS) this.#triggers.push(trigger);
      else this.#moreTriggers += 1;
    }
  }

  /** Adds what one part of the file has left out. */
  dropped(counts: Readonly<Record<string, number>>): void {
    const sum = { ...this.#dropped };
    for (const [reason, count] of Object.entries(counts)) sum[reason] = (sum[reason] ?? 0) + count;
    this.#dropped = sum;
  }

  /** Counts what lies beside the events ("frames", "imu"). */
  other(kind: string, count = 1): void {
    this.#others.set(kind, (this.#others.get(kind) ?? 0) + count);
  }

  report(): SourceReport {
    const damage = [...this.#damage.values()].sort((a, b) => a.offset - b.offset);
    if (this.#moreDamage > 0) {
      damage.push({ offset: this.reached, bytes: 0, reason: `${this.#moreDamage} more damaged places are not listed` });
    }
    const dropped = { ...this.#dropped };
    if (this.#moreTriggers > 0) dropped["triggers beyond the first 1048576"] = this.#moreTriggers;
    const others = this.#others.size === 0 ? {} : { others: Object.fromEntries(this.#others) };
    return { damage, triggers: this.#triggers, dropped, ...others };
  }
}
