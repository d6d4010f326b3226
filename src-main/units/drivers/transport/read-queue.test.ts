import { describe, expect, it } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import { startReads, type RawReads, type RawTransfer } from "./read-queue.ts";
import type { StreamEnd } from "./transport.ts";
import { usbErrno } from "./usb-errors.ts";

/** Reads that come back when a test says so. */
function manual(
  options: {
    readonly count?: number;
    readonly onData?: (bytes: Uint8Array) => void;
    readonly refuse?: (submits: number) => number;
  } = {},
) {
  const waiting: ((errno: number, bytes: number) => void)[] = [];
  const ends: StreamEnd[] = [];
  const seen: number[][] = [];
  let submits = 0;
  const reads: RawReads = {
    create: (onDone): RawTransfer => {
      const bytes = new Uint8Array(4);
      return {
        bytes,
        submit: () => {
          submits += 1;
          const errno = options.refuse?.(submits) ?? 0;
          if (errno !== 0) throw Object.assign(new Error("refused"), { errno });
          waiting.push((status, length) => {
            bytes.fill(submits);
            onDone(status, length);
          });
        },
        cancel: () => undefined,
      };
    },
    errnoOf: (error) => (error as { errno: number }).errno,
    failure: (errno) => new AppError("io", `error ${errno}`),
    isDetached: () => false,
  };
  const stream = startReads(
    {
      transfers: options.count ?? 3,
      transferBytes: 4,
      onData: (bytes) => {
        seen.push([...bytes]);
        options.onData?.(bytes);
      },
      onEnd: (end) => ends.push(end),
    },
    reads,
  );
  /** The oldest read comes back. */
  const back = (errno = 0, bytes = 0): void => waiting.shift()?.(errno, bytes);
  return { stream, waiting, ends, seen, back };
}

describe("a queue of reads", () => {
  it("sends each read again after handing on what it brought, and nothing for an empty one", () => {
    const { waiting, seen, back } = manual();
    back(0, 2);
    back(0, 0);
    back(usbErrno.transferTimedOut, 1);
    expect(waiting).toHaveLength(3);
    expect(seen.map((bytes) => bytes.length)).toEqual([2, 1]);
  });

  it("stops when every read has come back, and says so once", async () => {
    const { stream, ends, back, seen } = manual();
    const stopped = stream.stop();
    back(0, 4);
    back(usbErrno.transferCancelled);
    expect(ends).toEqual([]);
    back(usbErrno.transferCancelled);
    await stopped;
    await stream.stop();
    expect(ends).toEqual([{ cause: "stopped" }]);
    expect(seen).toEqual([]);
  });

  it.each([
    [usbErrno.transferStall, "stalled", "error 4"],
    [usbErrno.transferNoDevice, "gone", "error -4"],
    [usbErrno.transferError, "failed", "error 1"],
    [usbErrno.transferOverflow, "failed", "error 6"],
    // Nobody asked for it: on macOS the sign of an unplugged camera.
    [usbErrno.transferCancelled, "gone", "error -4"],
  ])("ends with its first failure (%i: %s) when the others are back", async (errno, cause, message) => {
    const { stream, ends, back, waiting } = manual();
    back(errno);
    back(usbErrno.transferCancelled);
    expect(ends).toEqual([]);
    back(usbErrno.transferCancelled);
    expect(ends).toMatchObject([{ cause, error: { message } }]);
    expect(waiting).toEqual([]);
    await stream.stop();
  });

  it("prefers the reason of a later read to a mere cancelling", () => {
    const { ends, back } = manual();
    back(usbErrno.transferCancelled);
    back(usbErrno.transferStall);
    back(usbErrno.transferCancelled);
    expect(ends).toMatchObject([{ cause: "stalled" }]);
  });

  it("ends when the system takes no more reads, at the beginning and later", async () => {
    const first = manual({ refuse: () => usbErrno.noMemory });
    await first.stream.stop();
    expect(first.ends).toMatchObject([{ cause: "failed", error: { message: "error -11" } }]);
    const later = manual({ refuse: (submits) => (submits === 4 ? usbErrno.noDevice : 0) });
    later.back(0, 1);
    later.back(usbErrno.transferCancelled);
    later.back(usbErrno.transferCancelled);
    expect(later.ends).toMatchObject([{ cause: "gone" }]);
  });

  it("accounts for every read also when the consumer throws", async () => {
    const { stream, back, waiting, ends } = manual({
      onData: () => {
        throw new Error("consumer");
      },
    });
    expect(() => back(0, 1)).toThrow("consumer");
    expect(waiting).toHaveLength(3);
    const stopped = stream.stop();
    for (let i = 0; i < 3; i++) back(usbErrno.transferCancelled);
    await stopped;
    expect(ends).toEqual([{ cause: "stopped" }]);
  });
});
