import type { Param } from "#shared/units/params.ts";
import { unitKinds, type UnitDescriptor } from "#shared/units/unit.ts";
import { command } from "../command.ts";

function paramLine(name: string, param: Param): string {
  const range =
    param.type === "choice"
      ? `one of ${param.options.join(", ")}`
      : param.type === "number" || param.type === "integer"
        ? [param.min === undefined ? "" : `from ${param.min}`, param.max === undefined ? "" : `to ${param.max}`, param.unit ?? ""]
            .filter(Boolean)
            .join(" ")
        : param.type;
  const label = param.vendorName === undefined ? param.label : `${param.label}, ${param.vendorName}`;
  return `      ${name}=${String(param.default)}  ${label}${range === "" ? "" : ` (${range})`}`;
}

const describe = ({ id, summary, params }: UnitDescriptor): string =>
  [`  ${id}  ${summary}`, ...Object.entries(params).map(([name, param]) => paramLine(name, param))].join("\n");

export const units = command({
  path: ["units"],
  summary: "Lists what there is to choose from: formats, filters, models, ways to transfer, with their parameters.",
  positionals: [{ name: "KIND", summary: `One of ${unitKinds.join(", ")}`, optional: true }],
  options: {},
  output: "{filters: [{id, label, summary, params}], …}",
  run: async ({ out, engine }, [kind]) => {
    const catalog = await (await engine()).catalog();
    const shown = unitKinds.filter((name) => kind === undefined || name === kind);
    await out.data(Object.fromEntries(shown.map((name) => [name, catalog[name]])));
    await out.text(shown.map((name) => [name, ...catalog[name].map(describe)].join("\n")).join("\n\n"));
  },
});
