import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProbeResult } from "./backend.ts";

const run = promisify(execFile);

/** Software adapters compile and multiply slowly; beyond this a backend is of no use anyway. */
const timeoutMs = 60_000;
const marker = "saccade-probe:";

interface ChildFailure {
  readonly killed?: boolean;
  readonly signal?: NodeJS.Signals | null;
  readonly code?: number | string | null;
  readonly stderr?: string;
}

function reasonOf(failure: ChildFailure): string {
  if (failure.killed === true) return `it gave no answer within ${timeoutMs / 1000} s`;
  if (failure.signal) return `it crashed (${failure.signal})`;
  const lines = (failure.stderr ?? "").split("\n").map((line) => line.trim());
  const told = lines.find((line) => /^(\w*Error|Error):/.test(line)) ?? lines.find((line) => line !== "");
  return told ?? `it ended with code ${failure.code ?? "unknown"}`;
}

/**
 * Tries a backend in a process of its own, since a native library may take the process down with it, and since tfjs
 * can have only one current backend, which a probe must not change under a running training.
 * @param script an ES module that calls `report(result)`; `process.argv` from 1 on are `args`.
 */
export async function probeInChild(script: string, args: readonly string[], remedy: string): Promise<ProbeResult> {
  const report = `const report = (result) => process.stdout.write("\\n${marker}" + JSON.stringify(result) + "\\n");\n`;
  try {
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", report + script, "--", ...args], {
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: 16 * 2 ** 20,
    });
    const line = stdout.split("\n").find((candidate) => candidate.startsWith(marker));
    if (line === undefined) return { ok: false, reason: "it ended without an answer", remedy };
    return JSON.parse(line.slice(marker.length)) as ProbeResult;
  } catch (error) {
    return { ok: false, reason: reasonOf(error as ChildFailure), remedy };
  }
}

/** A product that is wrong when a device computes nonsense: [[1,2],[3,4]]·[[5,6],[7,8]]. For scripts that hold `tf`. */
export const multiplyAndCheck = `
const product = await tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])).data();
if ([19, 22, 43, 50].some((value, i) => product[i] !== value)) throw new Error("it multiplied wrongly: " + Array.from(product).join(", "));
`;
