import type { AppError } from "#shared/api/errors.ts";
import type { BulkStream, BulkStreamOptions, StreamEnd } from "./transport.ts";
import { usbErrno } from "./usb-errors.ts";

/** One read that is sent again and again, with memory of its own. */
export interface RawTransfer {
  readonly bytes: Uint8Array;
  /** @throws when the system takes no more reads. */
  submit(): void;
  /** The read comes back with `transferCancelled`, or with what it had. */
  cancel(): void;
}

/** What a queue of reads needs of whoever carries them out. */
export interface RawReads {
  /** `onDone` is called with a transfer status (0: data) each time the read comes back. */
  create(onDone: (errno: number, actualBytes: number) => void): RawTransfer;
  errnoOf(error: unknown): number;
  failure(errno: number): AppError;
  isDetached(): boolean;
}

const endOf = (errno: number, reads: RawReads): StreamEnd => {
  if (errno === usbErrno.transferNoDevice || errno === usbErrno.noDevice || errno === usbErrno.transferCancelled) {
    return { cause: "gone", error: reads.failure(usbErrno.noDevice) };
  }
  const cause = errno === usbErrno.transferStall || errno === usbErrno.pipe ? "stalled" : "failed";
  return { cause, error: reads.failure(errno) };
};

/**
 * Keeps reads under way, in the order of their buffers. The first one that fails ends the stream: the others are cancelled and
 * waited for, because a handle with live reads must not be closed. A "cancelled" that nobody asked for is an unplugged camera:
 * macOS reports the true reason on one read only (libcaer, usb_utils.c).
 */
export function startReads(options: BulkStreamOptions, reads: RawReads): BulkStream {
  const transfers: RawTransfer[] = [];
  let pending = 0;
  let stopping = false;
  let asked = false;
  let trouble: number | undefined;
  let finish = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const end = (): void => {
    finish();
    if (trouble === undefined) options.onEnd({ cause: "stopped" });
    else options.onEnd(endOf(reads.isDetached() ? usbErrno.noDevice : trouble, reads));
  };
  const cancelAll = (): void => {
    if (stopping) return;
    stopping = true;
    for (const transfer of transfers) {
      try {
        transfer.cancel();
      } catch (error) {
        // It cannot be cancelled because its device has gone: it comes back by itself.
        note(reads.errnoOf(error));
      }
    }
  };
  /** Keeps the first reason; "cancelled" gives way to any better one. */
  const note = (errno: number): void => {
    if (asked && errno === usbErrno.transferCancelled) return;
    if (trouble === undefined || trouble === usbErrno.transferCancelled) trouble = errno;
  };
  const submit = (transfer: RawTransfer): void => {
    try {
      transfer.submit();
      pending += 1;
    } catch (error) {
      note(reads.errnoOf(error));
      cancelAll();
    }
  };
  const done = (transfer: RawTransfer, errno: number, actualBytes: number): void => {
    pending -= 1;
    try {
      const hasData = errno === 0 || errno === usbErrno.transferTimedOut;
      if (hasData && actualBytes > 0 && !asked) options.onData(transfer.bytes.subarray(0, actualBytes));
      if (!hasData) {
        if (!stopping || errno !== usbErrno.transferCancelled) note(errno);
        cancelAll();
      }
    } finally {
      // Also when the consumer throws: every read must be accounted for.
      if (!stopping) submit(transfer);
      if (pending === 0) end();
    }
  };

  for (let i = 0; i < options.transfers; i++) {
    const transfer = reads.create((errno, actualBytes) => done(transfer, errno, actualBytes));
    transfers.push(transfer);
  }
  for (const transfer of transfers) if (!stopping) submit(transfer);
  if (pending === 0) queueMicrotask(end);

  return {
    stop: () => {
      asked = true;
      cancelAll();
      return ended;
    },
  };
}
