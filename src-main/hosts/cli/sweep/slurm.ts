import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { AppError } from "#shared/api/errors.ts";
import { fileError, writeAtomic } from "#main/lib/files.ts";
import { shareArguments, thisCommand } from "./processes.ts";

/*
 * A sweep as a job array of Slurm (SchedMD, https://slurm.schedmd.com/job_array.html): every task calls this command for its
 * share of the runs. The folder of the results has to be on a file system that all nodes see.
 */

const execute = promisify(execFile);

/** A word for the shell, in single quotes where it needs them. */
const quoted = (word: string): string => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

const TASK = "SLURM_ARRAY_TASK_ID";

/** The script of the job array. */
export function slurmScript(name: string, frozen: string, out: string, tasks: number, directives: readonly string[]): string {
  // The index is known to the node alone.
  const words = [...thisCommand(), ...shareArguments(frozen, out, TASK, tasks)].map((word) =>
    word.includes(TASK) ? `"${word.replaceAll(TASK, `\${${TASK}}`)}"` : quoted(word),
  );
  return [
    "#!/bin/bash",
    `#SBATCH --job-name=${name}`,
    `#SBATCH --array=0-${tasks - 1}`,
    `#SBATCH --output=${join(out, "slurm-%A_%a.log")}`,
    "# A task that is about to lose its node keeps what it has and goes on when the sweep is submitted again.",
    "#SBATCH --signal=B:INT@60",
    ...directives.map((directive) => `#SBATCH ${directive}`),
    "",
    `exec ${words.join(" ")}`,
    "",
  ].join("\n");
}

/** A written job array; `job` is its number when it could be handed over. */
export interface Submitted {
  readonly script: string;
  readonly tasks: number;
  readonly job?: string;
}

/**
 * Writes the job array and hands it to `sbatch`, where there is one.
 * @throws AppError `bad-argument` with the words of sbatch when it refuses.
 */
export async function submit(
  name: string,
  frozen: string,
  out: string,
  tasks: number,
  directives: readonly string[],
): Promise<Submitted> {
  const script = join(out, "sweep.sbatch");
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, out, "make the folder");
  });
  await writeAtomic(script, slurmScript(name, frozen, out, tasks, directives));
  try {
    const { stdout } = await execute("sbatch", ["--parsable", script]);
    return { script, tasks, job: stdout.trim().split(";")[0] ?? "" };
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    if (code === "ENOENT") return { script, tasks };
    throw new AppError("bad-argument", `sbatch refused ${script}: ${(stderr ?? message).trim()}`, {
      hint: "Add what your cluster asks for with --sbatch=--partition=NAME and the like.",
      cause: error,
    });
  }
}
