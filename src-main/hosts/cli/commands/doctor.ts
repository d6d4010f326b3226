import { explainCameras, helpLines } from "#shared/api/camera-help.ts";
import { command } from "../command.ts";
import { formatBytes } from "../values.ts";

export const doctor = command({
  path: ["doctor"],
  summary: "Checks this machine: runtimes, every place to compute, cameras, disk, workspace.",
  positionals: [],
  options: {},
  output: "{node, electron, backends:[{id,ok,device?,reason?,remedy?}], cameras:[…], workspace, checks:[…]}",
  run: async ({ out, engine }) => {
    const report = await (await engine()).doctor();
    await out.data(report);
    const line = (ok: boolean, name: string, detail: string, remedy?: string): string =>
      [`  ${ok ? "ok" : "--"}  ${name.padEnd(18)}  ${detail}`, ...(remedy === undefined ? [] : [`      ${remedy}`])].join("\n");
    const { electron, workspace } = report;
    await out.text(
      [
        "Runtimes",
        line(true, "node", report.node),
        line(electron.found, "electron", electron.found ? electron.version : (electron.reason ?? "not found")),
        "Backends, best first",
        ...report.backends.map(({ ok, id, device, reason, remedy }) =>
          line(ok, id, ok ? (device ?? "") : (reason ?? ""), remedy),
        ),
        "Cameras",
        ...report.cameras.map(({ id, state, obstacle }) =>
          line(state === "ready" || state === "open", id, obstacle === undefined ? state : `${state}, see below`),
        ),
        ...explainCameras(report.cameras, process.platform).flatMap((help) => helpLines(help).map((text) => `      ${text}`)),
        "Workspace",
        line(
          !workspace.readOnly,
          workspace.path,
          `${formatBytes(workspace.freeBytes)} free${workspace.readOnly ? ", read-only" : ""}`,
        ),
        ...report.checks.map(({ ok, name, detail, remedy }) => line(ok, name, detail, remedy)),
      ].join("\n"),
    );
  },
});
