import type { FoundSample } from "#shared/api/stream-api.ts";
import type { DatasetLayout } from "./layout.ts";
import { classFiles, countOf, firstFiles, notLikeThis, numberIn } from "./walk.ts";

const params = {};

const isPicture = (path: string): boolean => /\.(png|jpe?g)$/i.test(path);

/** Ordinary pictures in a folder for each class: what knowledge is transferred from. */
export const imagesFolder = {
  id: "images-folder",
  label: "Pictures, a folder for each class",
  summary: "PNG or JPEG pictures in folders named after their classes: [train/]rock/0001.png.",
  params,
  probe: async (root) => {
    const files = await firstFiles(root, 20);
    const pictures = files.filter(({ path }) => isPicture(path)).length;
    return pictures === 0 ? 0 : 0.5 + (0.2 * pictures) / files.length;
  },
  read: async (root, signal?: AbortSignal) => {
    const samples: FoundSample[] = [];
    let others = 0;
    for await (const { path, label, part } of classFiles(root, signal)) {
      if (!isPicture(path)) {
        others += 1;
        continue;
      }
      const number = numberIn(path);
      samples.push({ path, label, ...(part !== undefined && { part }), ...(number !== undefined && { number }) });
    }
    if (samples.length === 0) {
      throw notLikeThis(
        root,
        "pictures in a folder for each class",
        others === 0 ? "no files in folders" : countOf(others, "file of another kind", "files of other kinds"),
      );
    }
    return {
      layout: "images-folder",
      kind: "images",
      classes: [...new Set(samples.map(({ label }) => label))].toSorted(),
      samples,
      warnings: others > 0 ? [`Left out: ${countOf(others, "file")} other than PNG and JPEG.`] : [],
    };
  },
} as const satisfies DatasetLayout;
