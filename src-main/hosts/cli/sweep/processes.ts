import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { writeAtomic } from "#main/lib/files.ts";
import { rootDir } from "#main/lib/paths.ts";
import type { SweepDataset } from "./sweep-file.ts";

/*
 * A sweep in several processes, on this machine or on others: each carries out a share of the runs in a workspace of its own (two
 * processes cannot write one workspace) and puts its results into the common folder.
 */

/** The sweep with its data sets where they are, for other processes. */
export const FROZEN_FILE = "sweep.json";

/** Writes the sweep as other processes read it. Answers with the path. */
export async function freeze(
  out: string,
  raw: Readonly<Record<string, unknown>>,
  datasets: readonly SweepDataset[],
): Promise<string> {
  const path = join(out, FROZEN_FILE);
  const folders = Object.fromEntries(datasets.map(({ name, ...rest }) => [name, rest]));
  await writeAtomic(path, `${JSON.stringify({ ...raw, datasets: folders }, undefined, 2)}\n`);
  return path;
}

/** The command itself, as a list of words. */
export function thisCommand(): readonly string[] {
  const launcher = join(rootDir, "bin", "saccade.js");
  return [process.execPath, existsSync(launcher) ? launcher : (process.argv[1] ?? launcher)];
}

/** What one of several processes is told: its share, and where it works. */
export const shareArguments = (frozen: string, out: string, index: string, of: number): readonly string[] => [
  ...["sweep", frozen, "--out", out, "--index", index, "--of", String(of)],
  ...["--workspace", join(out, "workspaces", index), "--json"],
];

/** A line of a child, as JSON; what is no JSON is none of ours. */
function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/**
 * Carries out a frozen sweep in so many processes. Answers with how many of them did not end well.
 * @param told called with every line that a process prints.
 */
export async function runInProcesses(
  frozen: string,
  out: string,
  processes: number,
  signal: AbortSignal,
  told: (line: Readonly<Record<string, unknown>>) => Promise<void>,
): Promise<number> {
  const [node = "", ...words] = thisCommand();
  const children = Array.from({ length: processes }, (_, index) =>
    // A group of its own: Ctrl-C reaches this process only, which passes it on once (twice would end the child at once).
    spawn(node, [...words, ...shareArguments(frozen, out, String(index), processes)], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    }),
  );
  const stop = (): void => {
    for (const child of children) child.kill("SIGINT");
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    const codes = await Promise.all(
      children.map(async (child) => {
        const code = ended(child);
        for await (const line of createInterface({ input: child.stdout })) {
          const value = parsed(line);
          if (value !== undefined) await told(value);
        }
        return code;
      }),
    );
    return codes.filter((code) => code !== 0).length;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
