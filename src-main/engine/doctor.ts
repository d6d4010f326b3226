import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { DoctorReport, WorkspaceInfo } from "#shared/api/engine-api.ts";
import type { BackendReport } from "#shared/api/compute-api.ts";
import { toErrorData } from "#shared/api/errors.ts";
import type { DeviceInfo } from "#shared/api/devices.ts";
import { kernelPath, rootDir } from "#main/lib/paths.ts";

type Check = DoctorReport["checks"][number];

const OLDEST_NODE = 24;
/** An hour of a busy camera; below this a recording may end in the middle. */
const LOW_DISK_BYTES = 5 * 1024 ** 3;

/** Whether Electron's binary is there; the package alone is only its installer. */
function electronReport(): DoctorReport["electron"] {
  const own = process.versions["electron"];
  if (own !== undefined) return { version: own, found: true };
  try {
    const require = createRequire(join(rootDir, "package.json"));
    const manifest = require.resolve("electron/package.json");
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
    const pathFile = join(dirname(manifest), "path.txt");
    const binary = existsSync(pathFile) && join(dirname(manifest), "dist", readFileSync(pathFile, "utf8").trim());
    if (binary !== false && existsSync(binary)) return { version, found: true };
    return { version, found: false, reason: "its binary has not been downloaded; the browser is used instead" };
  } catch (error) {
    return {
      version: "",
      found: false,
      reason: `the package is not installed (${toErrorData(error).message.split("\n")[0] ?? ""})`,
    };
  }
}

function checksOf(workspace: WorkspaceInfo, backends: readonly BackendReport[]): readonly Check[] {
  const major = Number.parseInt(process.versions.node, 10);
  const gigabytes = (workspace.freeBytes / 1024 ** 3).toFixed(1);
  const usable = backends.filter(({ ok }) => ok).map(({ id }) => id);
  const kernels = existsSync(kernelPath("events")) && existsSync(kernelPath("tensor"));
  return [
    {
      name: "Node",
      ok: major >= OLDEST_NODE,
      detail: `version ${process.versions.node}`,
      ...(major < OLDEST_NODE && { remedy: `Install Node ${OLDEST_NODE} or newer.` }),
    },
    {
      name: "Workspace",
      ok: !workspace.readOnly,
      detail: workspace.readOnly ? `${workspace.path} cannot be written to` : `${workspace.path} can be written to`,
      ...(workspace.readOnly && { remedy: "Change the permissions of the folder, or choose another with --workspace." }),
    },
    {
      name: "Disk",
      ok: workspace.freeBytes >= LOW_DISK_BYTES,
      detail: `${gigabytes} GB free`,
      ...(workspace.freeBytes < LOW_DISK_BYTES && { remedy: "Free some space before long recordings." }),
    },
    {
      name: "Kernels",
      ok: kernels,
      detail: kernels ? "compiled" : "not compiled: plain TypeScript is used, several times slower",
      ...(!kernels && { remedy: "Run npm run build." }),
    },
    {
      name: "Training",
      ok: usable.length > 0,
      detail: usable.length > 0 ? `possible with ${usable.join(", ")}` : "no backend works here",
      ...(usable.length === 0 && { remedy: "See the reasons beside the backends." }),
    },
  ];
}

/** Looks at everything that can be wrong on a machine, each for real. One part that fails is told and hides no other. */
export async function examine(parts: {
  readonly probe: () => Promise<readonly BackendReport[]>;
  readonly cameras: () => Promise<readonly DeviceInfo[]>;
  readonly workspace: () => Promise<WorkspaceInfo>;
}): Promise<DoctorReport> {
  const failures: Check[] = [];
  const orNone = async <T>(name: string, work: () => Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await work();
    } catch (error) {
      const { message, hint } = toErrorData(error);
      failures.push({ name, ok: false, detail: message, ...(hint !== undefined && { remedy: hint }) });
      return [];
    }
  };
  const [backends, cameras, workspace] = await Promise.all([
    orNone("Compute worker", parts.probe),
    orNone("Stream worker", parts.cameras),
    parts.workspace(),
  ]);
  return {
    node: process.version,
    electron: electronReport(),
    backends,
    cameras,
    workspace,
    checks: [...checksOf(workspace, backends), ...failures],
  };
}
