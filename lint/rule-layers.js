import { builtinModules } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";
import { layers, packages } from "./layers.js";

const root = resolve(import.meta.dirname, "..");
const aliases = { "#shared/": "src-shared/", "#main/": "src-main/", "#renderer/": "src-renderer/" };
const inside = (path, folder) => path === folder || path.startsWith(`${folder}/`);
const rowOf = (path) =>
  Object.keys(layers)
    .filter((folder) => inside(path, folder))
    .sort((a, b) => b.length - a.length)[0];

/** The path of an imported file from the root of the project, or the package's name behind `package:`. */
export function targetOf(source, file) {
  const alias = Object.keys(aliases).find((prefix) => source.startsWith(prefix));
  if (alias !== undefined) return aliases[alias] + source.slice(alias.length);
  if (source.startsWith("."))
    return relative(root, resolve(dirname(file), source))
      .split(sep)
      .join("/");
  return `package:${source}`;
}

/** Why `file` may not import `source`, or undefined when it may. */
export function complaint(source, file) {
  const from = relative(root, file).split(sep).join("/");
  const row = rowOf(from);
  if (row === undefined) return undefined;
  const test = /\.test\.(ts|js)$/.test(from) || /\/(testing|fakes)\//.test(from);
  const target = targetOf(source, file);
  if (target.startsWith("package:")) {
    const name = target.slice("package:".length);
    if (row === "src-shared" && !test) return `${row} imports no package, here "${name}"`;
    if (row === "src-renderer" && !test && (name.startsWith("node:") || builtinModules.includes(name)))
      return `the page cannot reach Node ("${name}")`;
    const rule = Object.keys(packages).find((key) =>
      key.endsWith("/*") ? name.startsWith(key.slice(0, -1)) : name === key || name.startsWith(`${key}/`),
    );
    if (rule === undefined || test || row === "scripts" || row === "bench") return undefined;
    const allowed = packages[rule];
    return allowed.some((folder) => inside(from, folder)) ? undefined : `"${name}" may only be imported in ${allowed.join(", ")}`;
  }
  if (target.startsWith("src-") && /(^|\/)\.\.\/\.\.\//.test(source))
    return `use #shared/, #main/ or #renderer/ instead of "${source}"`;
  if (inside(target, row) && !(row === "src-main/hosts" && crossesHosts(from, target))) return undefined;
  if (layers[row].some((folder) => inside(target, folder)) || (test && target.startsWith("src-"))) return undefined;
  if (!target.startsWith("src-") && !/^(assets|scripts|bench|e2e|lint)\//.test(target)) return undefined;
  return `${row} may not import ${target}; allowed: ${layers[row].join(", ") || "nothing"}`;
}

/** Hosts share `host.ts` and `hosts/common` and nothing else; only Electron's folder may see electron. */
function crossesHosts(from, target) {
  const part = (path) => path.split("/")[2] ?? "";
  return part(target) === "electron" && part(from) !== "electron";
}

export const layersRule = {
  meta: { type: "problem", docs: { description: "imports follow lint/layers.js" }, schema: [], messages: { layer: "{{why}}" } },
  create(context) {
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== "string") return;
      const why = complaint(source, context.filename);
      if (why !== undefined) context.report({ node: node.source, messageId: "layer", data: { why } });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};
