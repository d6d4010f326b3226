import { AppError } from "#shared/api/errors.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../recording.ts";
import type { Serialization } from "./fields.ts";

/** A named stream of messages in a bag. */
export interface RosTopic {
  readonly id: number;
  readonly name: string;
  /** Type of its messages, as `package/Name`. */
  readonly type: string;
  readonly serialization: Serialization;
}

/** One message; its bytes are lent until the next. */
export interface RosMessage {
  readonly topic: RosTopic;
  readonly data: Uint8Array;
  /** Place of the message, or of what holds it, in the file. */
  readonly offset: number;
  /** Where a walk that goes on behind it begins. */
  readonly next: Place;
}

/** A container of messages: bag, database or MCAP. */
export interface RosMessages {
  readonly name: string;
  readonly size: number;
  readonly start: Place;
  /** Topics that the container lists, or has shown so far. */
  topics(): readonly RosTopic[];
  /** The messages in the order of the file; damage goes to `findings`. */
  walk(from: Place, findings: Findings, signal?: AbortSignal): AsyncGenerator<RosMessage>;
  close(): Promise<void>;
}

/** The type's name without the part that ROS 2 puts in. */
export const typeName = (type: string): string => type.replace("/msg/", "/");

/** Bytes of a compressed chunk may become so many, and so many times their number. */
const MAX_CHUNK = 256 << 20;
const MAX_RATIO = 1000;

/** Refuses a chunk whose size is beyond reason. @throws AppError `damaged` */
export function checkedSize(size: number, packed: number): number {
  if (size <= MAX_CHUNK && size <= Math.max(1 << 16, MAX_RATIO * packed)) return size;
  throw new AppError("damaged", `a chunk of ${packed} bytes claims to hold ${size}`, { hint: "Fetch the file again." });
}
