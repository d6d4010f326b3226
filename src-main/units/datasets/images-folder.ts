import type { DatasetLayout } from "./layout.ts";
import { shareLike } from "./look.ts";
import { foundPictures, isPicture } from "./pictures.ts";
import type { FoundSample } from "#shared/api/stream-api.ts";
import { classFiles, countOf, notLikeThis, numberIn } from "./walk.ts";

/** Ordinary pictures in a folder for each class: what knowledge is transferred from. */
export const imagesFolder = {
  id: "images-folder",
  label: "Pictures, a folder for each class",
  summary: "PNG or JPEG pictures in folders named after their classes: [train/]rock/0001.png.",
  params: {},
  probe: (look) => {
    const pictures = shareLike(look, isPicture);
    return pictures === 0 ? 0 : 0.5 + 0.2 * pictures;
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
    const warnings = others > 0 ? [`Left out: ${countOf(others, "file")} other than PNG and JPEG.`] : [];
    return foundPictures({ layout: "images-folder", samples, warnings });
  },
} as const satisfies DatasetLayout;
