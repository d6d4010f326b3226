import { existsSync, readFileSync, truncateSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import type { RunEvent } from "#shared/api/run.ts";
import { fileError } from "#main/lib/files.ts";
import { log } from "#main/lib/log.ts";
import { createTopic } from "#main/engine/topic.ts";

/*
 * What happened in a run, one JSON object a line, only ever appended to. The file is the truth: pages replay it and then
 * go on live, so a reload, a restart and a second window just work.
 */
export interface EventsFile {
  /** Everything so far, oldest first. */
  readonly events: readonly RunEvent[];
  /** Writes an event, then offers it to followers. What matters is on the disk when this returns. */
  append(event: RunEvent): Promise<void>;
  /** Events from that line on, then those to come, until one of them ends the run. */
  follow(from: number, signal?: AbortSignal): AsyncGenerator<RunEvent, void, undefined>;
  /** Ends the feeds and the file. */
  close(): Promise<void>;
}

/** States after which nothing more comes unless the run is resumed. */
export const isEnd = (event: RunEvent | undefined): boolean =>
  event?.kind === "state" && (event.state === "done" || event.state === "stopped" || event.state === "failed");

/** A crash may lose a few steps of a curve, but no epoch, checkpoint or state. */
const matters = ({ kind }: RunEvent): boolean => kind !== "step" && kind !== "log";

/** The lines of the file; a line torn by a crash is cut off, so that the next one does not continue it. */
function readEvents(path: string, repair: boolean): RunEvent[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  const whole = text.lastIndexOf("\n") + 1;
  if (repair && whole < text.length) truncateSync(path, Buffer.byteLength(text.slice(0, whole)));
  return text
    .slice(0, whole)
    .split("\n")
    .flatMap((line, index): RunEvent[] => {
      if (line === "") return [];
      try {
        return [JSON.parse(line) as RunEvent];
      } catch (error) {
        log("warning", "runs", `${path}, line ${index + 1}: ${String(error)}`);
        return [{ kind: "log", level: "warning", message: `Line ${index + 1} of the record could not be read.` }];
      }
    });
}

/** Opens or makes the file. */
export function openEvents(path: string, readOnly: boolean): EventsFile {
  const events = readEvents(path, !readOnly);
  const count = createTopic(events.length);
  let handle: Promise<FileHandle> | undefined;
  let last: Promise<void> = Promise.resolve();
  return {
    events,
    append: (event) => {
      const write = async (): Promise<void> => {
        try {
          const file = await (handle ??= open(path, "a"));
          await file.appendFile(`${JSON.stringify(event)}\n`);
          if (matters(event)) await file.datasync();
        } catch (error) {
          throw fileError(error, path, "write to");
        }
        events.push(event);
        count.set(events.length);
      };
      // One after the other, and a failed one does not keep the next from being tried.
      last = last.then(write, write);
      return last;
    },
    async *follow(from, signal) {
      let next = from;
      for await (const there of count.watch(signal)) {
        while (next < there) {
          const event = events[next];
          next += 1;
          if (event !== undefined) yield event;
          if (signal?.aborted === true) return;
        }
        if (isEnd(events[there - 1])) return;
      }
    },
    close: async () => {
      count.close();
      await last.catch(() => undefined); // whoever appended has been told
      await (await handle)?.close();
    },
  };
}
