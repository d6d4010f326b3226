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
    files: ["**/*.svelte", "**/*.svelte.ts"],
    rules: {
      // `let { a } = $props()` is how components declare what they take.
      "prefer-const": "off",
      "svelte/prefer-const": ["error", { excludedRunes: ["$props", "$derived"] }],
      // Plain maps hold what no markup reads; state that is read is declared with runes.
      "svelte/prefer-svelte-reactivity": "off",
      // Addresses are `#/place/…` hashes, made by `hrefOf`; there is no SvelteKit router.
      "svelte/no-navigation-without-resolve": "off",
    },
  },
  {
    plugins: { saccade: { rules: { layers: layersRule } } },
    rules: { "saccade/layers": "error", "no-empty": ["error", { allowEmptyCatch: false }] },
  },
  {
    files: ["**/*.{js,mjs,ts,svelte}"],
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
  {
    // Playwright reads a fixture's needs off its first parameter and insists on a pattern, also when there are none.
    files: ["e2e/fixtures/**"],
    rules: { "no-empty-pattern": ["error", { allowObjectPatternsAsParameters: true }] },
  },
  { files: ["**/*.test.ts"], rules: { "@typescript-eslint/no-non-null-assertion": "off" } },
);
