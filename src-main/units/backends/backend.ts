import type { Unit } from "#shared/units/unit.ts";

export type ProbeResult =
  /** `rank` stands for the unit's own when the device is worse than usual: a software adapter, for example. */
  | { readonly ok: true; readonly device: string; readonly rank?: number }
  | { readonly ok: false; readonly reason: string; readonly remedy?: string };

/** Where tensors are computed. */
export interface Backend extends Unit {
  /** Higher is tried first when the choice is automatic; 0 is never chosen by itself. */
  readonly rank: number;
  /** Really tries: loads the library, opens the device, multiplies something. */
  probe(): Promise<ProbeResult>;
  /** After this, tensors are computed there. @throws AppError `no-backend` with the reason and a remedy. */
  start(): Promise<void>;
}
