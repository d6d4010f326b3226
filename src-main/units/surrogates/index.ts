import { arctan } from "./arctan/arctan.ts";
import { gate } from "./gate/gate.ts";
import { quadraticGate } from "./quadratic-gate/quadratic-gate.ts";
import { sigmoid } from "./sigmoid/sigmoid.ts";
import { triangle } from "./triangle/triangle.ts";
import { unitBox } from "./unit-box/unit-box.ts";
import type { Surrogate } from "./surrogate.ts";

/** All surrogates. The list is explicit; nothing scans folders at run time. */
export const surrogates: readonly Surrogate[] = [quadraticGate, unitBox, triangle, gate, arctan, sigmoid];
