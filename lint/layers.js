/**
 * Who may import whom: the only list. The ESLint rule `layers` and a test read it.
 * Keys are folders (the longest matching one counts); a folder may always import itself and what it lists.
 */
const main = (...names) => names.map((name) => `src-main/${name}`);
const units = (...names) => names.map((name) => `src-main/units/${name}`);
const shared = "src-shared";

export const layers = {
  "src-shared": [],
  "src-renderer": [shared],
  "src-main/kernels": [shared],
  "src-main/lib": [shared, ...main("kernels")],
  "src-main/simulation": [shared, ...main("lib")],
  "src-main/tensor": [shared, ...main("lib")],
  "src-main/units/encodings": [shared, ...main("lib", "kernels")],
  "src-main/units/filters": [shared, ...main("lib", "kernels")],
  "src-main/units/representations": [shared, ...main("lib", "kernels")],
  "src-main/units/codecs": [shared, ...main("lib"), ...units("encodings")],
  "src-main/units/drivers": [shared, ...main("lib", "simulation"), ...units("encodings", "codecs")],
  "src-main/units/datasets": [shared, ...main("lib"), ...units("codecs")],
  "src-main/units/surrogates": [shared, ...main("lib", "tensor")],
  "src-main/units/neurons": [shared, ...main("lib", "tensor")],
  "src-main/units/models": [shared, ...main("lib", "tensor")],
  "src-main/units/transfers": [shared, ...main("lib", "tensor"), "src-main/units/models/model.ts"],
  "src-main/units/augmentations": [shared, ...main("lib")],
  "src-main/units/backends": [shared, ...main("lib", "tensor")],
  "src-main/workers/stream": [
    shared,
    ...main("lib", "simulation"),
    ...units("encodings", "codecs", "drivers", "filters", "representations", "datasets"),
  ],
  "src-main/workers/compute": [
    shared,
    ...main("lib", "tensor"),
    ...units(
      "encodings",
      "codecs",
      "filters",
      "representations",
      "datasets",
      "neurons",
      "surrogates",
      "models",
      "transfers",
      "augmentations",
      "backends",
    ),
  ],
  "src-main/engine": [shared, ...main("lib", "hosts/host.ts")],
  "src-main/hosts": [shared, ...main("lib", "engine")],
  "src-main/hosts/host.ts": [shared],
  scripts: [shared, "src-main"],
  bench: [shared, "src-main"],
  e2e: [shared, "scripts/start"],
};

/** Packages that only some folders may import. Everything else is free outside src-shared, which imports none. */
export const packages = {
  electron: ["src-main/hosts/electron"],
  usb: ["src-main/units/drivers", "src-main/workers/stream"],
  webgpu: ["src-main/units/backends", "src-main/tensor"],
  "@tensorflow/*": [
    "src-main/tensor",
    "src-main/workers/compute",
    ...units("neurons", "surrogates", "models", "transfers", "backends"),
  ],
  ws: ["src-main/hosts/server"],
  "node:sqlite": ["src-main/engine/library", ...units("codecs/ros2-sqlite")],
  svelte: ["src-renderer"],
  "bits-ui": ["src-renderer"],
  "@lucide/svelte": ["src-renderer"],
  "plotly.js": ["src-renderer"],
  mediabunny: ["src-renderer"],
};
