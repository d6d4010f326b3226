import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import svelteParser from "svelte-eslint-parser";
import tseslint from "typescript-eslint";
import { layersRule } from "./lint/rule-layers.js";

const typed = {
  parser: tseslint.parser,
  parserOptions: {
    project: [
      "src-shared/tsconfig.lint.json",
      "src-main/tsconfig.json",
      "src-main/hosts/electron/tsconfig.preload.json",
      "src-renderer/tsconfig.json",
      "e2e/tsconfig.json",
    ],
    tsconfigRootDir: import.meta.dirname,
    extraFileExtensions: [".svelte"],
  },
};

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "release/",
      "node_modules/",
      "src-main/kernels/assembly/",
      "test-results/",
      "playwright-report/",
      "assets/",
      "src-shared/platform.d.ts",
    ],
  },
  js.configs.recommended,
  { files: ["**/*.ts"], extends: [...tseslint.configs.recommendedTypeChecked], languageOptions: typed },
  ...svelte.configs["flat/recommended"],
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    extends: [...tseslint.configs.recommended],
    languageOptions: {
      parser: svelteParser,
      parserOptions: { parser: tseslint.parser, extraFileExtensions: [".svelte"], tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    plugins: { saccade: { rules: { layers: layersRule } } },
    rules: { "saccade/layers": "error", "no-empty": ["error", { allowEmptyCatch: false }] },
  },
  {
    files: ["**/*.{js,ts,svelte}"],
    languageOptions: { globals: { console: "readonly", process: "readonly" } },
    rules: { "no-undef": "off" },
  },
  {
    files: ["**/*.ts", "**/*.svelte"],
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  { files: ["**/*.test.ts"], rules: { "@typescript-eslint/no-non-null-assertion": "off" } },
);
