import type { Variable } from "@tensorflow/tfjs";
import { AppError } from "#shared/api/errors.ts";
import { assignValues, valuesOf, type Values } from "./tensor-file.ts";

/** The tensors that a training changes, by who owns them. */
export interface SnapshotParts {
  readonly weights: Readonly<Record<string, Variable>>;
  readonly slots: Readonly<Record<string, Variable>>;
  readonly plan: Readonly<Record<string, Variable>>;
}

/** Where each part's tensors begin in a checkpoint. */
const PREFIX = { weights: "w/", slots: "o/", plan: "p/" } as const satisfies Record<keyof SnapshotParts, string>;

/** Everything for a checkpoint. The weights have been read already, since they may be the best as well. */
export async function tensorsOf(weights: Values, { slots, plan }: SnapshotParts): Promise<Values> {
  const [slotValues, planValues] = await Promise.all([valuesOf(slots), valuesOf(plan)]);
  return new Map([
    ...[...weights].map(([name, value]) => [`${PREFIX.weights}${name}`, value] as const),
    ...[...slotValues].map(([name, value]) => [`${PREFIX.slots}${name}`, value] as const),
    ...[...planValues].map(([name, value]) => [`${PREFIX.plan}${name}`, value] as const),
  ]);
}

/** Puts a checkpoint's tensors back. @throws AppError `damaged` naming those that are not in it. */
export function restoreTensors(state: Values, parts: SnapshotParts, folder: string): void {
  const missing = (Object.keys(PREFIX) as (keyof SnapshotParts)[]).flatMap((part) => {
    const prefix = PREFIX[part];
    const own = [...state].filter(([name]) => name.startsWith(prefix));
    return assignValues(parts[part], new Map(own.map(([name, value]) => [name.slice(prefix.length), value])));
  });
  if (missing.length === 0) return;
  throw new AppError("damaged", `The checkpoint in ${folder} lacks ${missing.join(", ")}`, { hint: "Start the run anew." });
}
