import { createRequire } from "node:module";
import type * as tfjs from "@tensorflow/tfjs";

/*
 * The one place that loads TensorFlow.js. It goes through `require` on purpose: the CommonJS build of the full
 * package registers all gradients, and every backend package then finds the very same tfjs-core, which native ESM,
 * a bundler or a test runner would not guarantee.
 */
const require = createRequire(import.meta.url);

/** TensorFlow.js with all gradients, without any backend but the plain JavaScript one. */
export const tf = require("@tensorflow/tfjs") as typeof tfjs;

/** Loads a backend package beside the same tfjs-core. Throws what `require` throws when it is not installed. */
export const requirePackage = (name: string): unknown => require(name) as unknown;

/** Where a file of an installed package lies. */
export const resolvePackageFile = (name: string): string => require.resolve(name);

// Otherwise the plain JavaScript backend prints advice to install native bindings on its first use.
tf.env().set("PROD", true);
