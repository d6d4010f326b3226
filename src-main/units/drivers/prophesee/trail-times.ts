/** What the trail filter's clock has to be set to for a threshold. */
export interface TrailTimes {
  readonly prescaler: number;
  readonly multiplier: number;
  readonly timeout: number;
}

/** `first-last:prescaler/multiplier/timeout`, thresholds in ms (vendor's table). */
const parse = (table: string): ReadonlyMap<number, TrailTimes> =>
  new Map(
    table
      .trim()
      .split(/\s+/)
      .flatMap((entry) => {
        const [range = "", numbers = ""] = entry.split(":");
        const [first = 0, last = first] = range.split("-").map(Number);
        const [prescaler = 0, multiplier = 0, timeout = 0] = numbers.split("/").map(Number);
        return Array.from({ length: last - first + 1 }, (_, at) => [first + at, { prescaler, multiplier, timeout }] as const);
      }),
  );

/** For IMX636 and Gen4.1, by threshold in whole ms. */
export const hdTrailTimes = parse(`
  1:12/15/90 2:10/3/90 3:11/5/95 4:9/1/102 5:13/15/90 6:11/3/114 7:11/3/90 8:12/5/109 9:13/9/122 10:13/9/90 11:10/1/102
  12:14/15/109 13:13/7/117 14:14/13/127 15:12/3/138 16-17:12/3/90 18:14/11/99 19-20:13/5/109 21-22:14/9/122 23:11/1/209
  24-25:11/1/138 26-27:15/15/147 28-29:14/7/158 30-31:15/13/170 32-34:13/3/185 35-36:13/3/90 37:15/11/202 38-40:15/11/99
  41-44:14/5/109 45:15/9/248 46-49:15/9/122 50-51:12/1/280 52-55:12/1/138 56-58:16/15/147 59-63:15/7/158 64-68:16/13/171
  69-73:14/3/185 74:16/11/409 75-80:16/11/202 81:15/5/451 82-88:15/5/223 89-91:16/9/501 92-98:16/9/248 99-100:13/1/564`);

/** For GenX320, whose clock is another. */
export const genx320TrailTimes = parse(`
  1:11/15/32 2:10/5/27 3:12/15/27 4:12/11/39 5:11/5/27 6:9/1/35 7:12/7/41 8:11/3/49 9:13/11/54 10:12/5/59 11:12/5/27
  12:13/9/31 13:10/1/35 14:14/15/38 15:13/7/41 16-17:14/13/45 18:12/3/49 19-20:14/11/54 21-22:13/5/59 23-24:14/9/67
  25:11/1/155 26-27:11/1/75 28-29:15/15/81 30-31:14/7/87 32-34:15/13/94 35-36:13/3/102 37:15/11/228 38-40:15/11/112
  41-44:14/5/123 45:15/9/280 46-49:15/9/138 50-51:12/1/315 52-55:12/1/155 56-58:16/15/166 59-63:15/7/178 64-68:16/13/192
  69-73:14/3/209 74:16/11/461 75-80:16/11/228 81:15/5/507 82-88:15/5/251 89-91:16/9/564 92-98:16/9/280 99-100:13/1/635`);
