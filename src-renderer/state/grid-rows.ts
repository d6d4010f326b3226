/** One row of the grid; positions in px from the top of the scrolled content. */
export type GridRow =
  | { readonly kind: "title"; readonly of: "recordings" | "clips"; readonly top: number; readonly height: number }
  | {
      readonly kind: "cards";
      readonly of: "recordings" | "clips";
      readonly top: number;
      readonly height: number;
      readonly from: number;
      readonly to: number;
    };

const GAP = 8;
const TITLE = 38;
const CAPTION = 24;
const STRIP = 20;
/** A card is about so wide; the column decides how many fit. */
const CARD = 140;

/** Where sections lie; rows are made when they are seen. */
export type GridLayout = {
  readonly columns: number;
  readonly height: number;
  readonly sections: readonly {
    readonly of: "recordings" | "clips";
    readonly top: number;
    readonly count: number;
    readonly rowHeight: number;
  }[];
};

export function layOut({ width, recordings, clips }: { width: number; recordings: number; clips: number }): GridLayout {
  const columns = Math.max(1, Math.round(width / (CARD + GAP)));
  const card = Math.max(40, (width - (columns - 1) * GAP - 4) / columns);
  const picture = Math.round((card * 3) / 4);
  const sections: GridLayout["sections"][number][] = [];
  let top = 0;
  for (const [of, count, extra] of [
    ["recordings", recordings, STRIP],
    ["clips", clips, 0],
  ] as const) {
    if (count === 0) continue;
    const rowHeight = picture + CAPTION + extra + GAP;
    sections.push({ of, top, count, rowHeight });
    top += TITLE + Math.ceil(count / columns) * rowHeight;
  }
  return { columns, height: top + GAP, sections };
}

/** Pixels drawn beyond both ends, so that scrolling meets no holes. */
const MARGIN = 300;

/** The rows that can be seen. */
export function visible(layout: GridLayout, scroll: number, height: number): GridRow[] {
  const rows: GridRow[] = [];
  const [from, to] = [scroll - MARGIN, scroll + height + MARGIN];
  for (const { of, top, count, rowHeight } of layout.sections) {
    const lines = Math.ceil(count / layout.columns);
    const end = top + TITLE + lines * rowHeight;
    if (end < from || top > to) continue;
    if (top + TITLE > from) rows.push({ kind: "title", of, top, height: TITLE });
    const first = Math.max(0, Math.floor((from - top - TITLE) / rowHeight));
    const last = Math.min(lines, Math.ceil((to - top - TITLE) / rowHeight));
    for (let line = first; line < last; line++) {
      rows.push({
        kind: "cards",
        of,
        top: top + TITLE + line * rowHeight,
        height: rowHeight,
        from: line * layout.columns,
        to: Math.min(count, (line + 1) * layout.columns),
      });
    }
  }
  return rows;
}
