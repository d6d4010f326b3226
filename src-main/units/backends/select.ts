import { AppError } from "#shared/api/errors.ts";
import { findUnit } from "#shared/units/unit.ts";
import { tf } from "#main/tensor/tf.ts";
import type { Backend, ProbeResult } from "./backend.ts";
import { backends } from "./index.ts";

/** Where tensors are computed now, and why there. */
export interface SelectedBackend {
  readonly id: string;
  readonly device: string;
  readonly reason: string;
}

let current: SelectedBackend | undefined;
/** The choice under way. Two at once would start one backend twice, and the tensors of the first would be nobody's. */
let choosing: Promise<unknown> = Promise.resolve();

const failureOf = (backend: Backend, result: ProbeResult & { ok: false }): string => `${backend.label}: ${result.reason}`;

async function startNamed(backend: Backend): Promise<SelectedBackend> {
  const result = await backend.probe();
  if (!result.ok) {
    throw new AppError("no-backend", `${backend.label} cannot be used: ${result.reason}`, {
      hint: result.remedy ?? "Choose another backend, or automatic.",
    });
  }
  await backend.start();
  return { id: backend.id, device: result.device, reason: "asked for by name" };
}

async function startBest(all: readonly Backend[]): Promise<SelectedBackend> {
  const ranked = all.filter((backend) => backend.rank > 0).toSorted((a, b) => b.rank - a.rank);
  const skipped: string[] = [];
  const usable: { readonly backend: Backend; readonly device: string; readonly rank: number }[] = [];
  for (const [i, backend] of ranked.entries()) {
    const result = await backend.probe();
    if (result.ok) usable.push({ backend, device: result.device, rank: result.rank ?? backend.rank });
    else skipped.push(failureOf(backend, result));
    usable.sort((a, b) => b.rank - a.rank);
    const next = ranked[i + 1]?.rank ?? -Infinity;
    // A software adapter may be worse than what has not been tried yet.
    while (usable[0] !== undefined && usable[0].rank >= next) {
      const best = usable.shift()!;
      try {
        await best.backend.start();
        const slower = usable.filter(({ backend }) => backend.rank > best.backend.rank);
        const over = [...skipped, ...slower.map(({ backend, device }) => `${backend.label}: slower, as ${device}`)];
        const why = over.length > 0 ? ` (${over.join("; ")})` : "";
        return { id: best.backend.id, device: best.device, reason: `the fastest that works here${why}` };
      } catch (error) {
        skipped.push(`${best.backend.label}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  throw new AppError("no-backend", `No backend works on this machine: ${skipped.join("; ")}`, {
    hint: 'Install the dependencies again (npm ci); "js" runs everywhere but is very slow.',
  });
}

/**
 * Starts a backend: the one of that id, or with "auto" the fastest that works. The running one is kept when it fits,
 * because tensors cannot leave every device.
 * @throws AppError `unknown-unit`, `no-backend` with reason and remedy, or `busy` when this process is bound to another.
 */
export function selectBackend(wanted: string, all: readonly Backend[] = backends): Promise<SelectedBackend> {
  const choice = choosing.then(() => select(wanted, all));
  choosing = choice.catch(() => undefined); // told to whoever asked; the next one may have more luck
  return choice;
}

async function select(wanted: string, all: readonly Backend[]): Promise<SelectedBackend> {
  if (current !== undefined && (wanted === "auto" || wanted === current.id)) return current;
  const named = wanted === "auto" ? undefined : findUnit("backend", all, wanted);
  if (current?.id === "webgpu" && tf.memory().numTensors > 0) {
    throw new AppError("busy", `This process computes on ${current.device} and cannot move its tensors to "${wanted}"`, {
      hint: "Unload the models, or start it in a fresh process.",
    });
  }
  current = named === undefined ? await startBest(all) : await startNamed(named);
  return current;
}
