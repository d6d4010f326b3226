import { registerList, type RegisterStep } from "./register-list.ts";

/** The fixed register sequences of a sensor: which and in which order is the vendor's affair, what they mean is mostly not documented. */
export interface Sequences {
  /** Out of whatever state it was left in: stopped, powered down, powered up. */
  readonly powerCycle: readonly RegisterStep[];
  /** Everything neutral: filters bypassed, no masks, internal clock. */
  readonly configure: readonly RegisterStep[];
  /** Time base and pixels run; reads have to be queued before. */
  readonly start: readonly RegisterStep[];
  readonly stop: readonly RegisterStep[];
  readonly powerDown: readonly RegisterStep[];
}

/** The second table of the event rate controller: word i holds the numbers 2i and 2i + 1. */
const rateTable: readonly RegisterStep[] = Array.from({ length: 256 }, (_, i) => ({
  kind: "write",
  address: 0x6400 + 4 * i,
  value: ((2 * i + 1) << 16) | (2 * i),
}));

/** No column and no row is masked; the last row word keeps the bits that belong to no row. */
const noMasks = "2000*40=0 4000*22=0 4058:FFFF=0";
const mipiLanes = `B080=77 B084=F B088=37 B08C=37 B090=DF B094=57 B098=37 B09C=67 B0A0=37 B0A4=2F B0AC=28 B0CC=1`;

const imx636PowerDown = registerList(`
  0070=400008 006C=EE47114 @500 A00C=20400 @500 A010=8068 @200 1104=0 @200 A020=50 @200 A004=B0500 @200 A008=2404 @200
  A000=B0500 B044=0 B004=A B040=E B0C8=0 B040=6 B040=4 0000=4F006442 0000=F006442 00B8=401 00B8=400 B07C=0`);
const imx636Stop = registerList("0004-400 002C=22C324 9028=2 @1000 9008-1 B000=2F8 @300");

/** Sony IMX636 (Prophesee Gen4.2), 1280 × 720: EVK4, SilkyEvCam HD, IDS uEye XCP-E. */
export const imx636Sequences: Sequences = {
  powerCycle: [
    ...imx636Stop,
    ...imx636PowerDown,
    // The three long pauses are the longest that any reference driver makes.
    ...registerList(`
      001C=1 @1000000 400004=1 @1000000 400004=0 @1000000 B000=158 @1000000 B044=0 B004=A B040=0 B0C8=0 B040=0 B040=0
      0000=4F006442 0000=F006442 00B8=400 00B8=400 B07C=0 B074=2 B078=A0 00C0=110 00C0=210 B120=1 E120=0 B068=4 B07C=1 @10
      B07C=3 @1000 00B8=401 00B8=409 0000=4F006442 0000=4F00644A ${mipiLanes} B000=2F8 B004=8A B01C=30 B020=2000
      B02C=FF B030=3E80 B028=FA0 A000=B0501 @200 A008=2405 @200 A004=B0501 @200 A020=150 @200 B040=7 B064=6 B040=F @100
      B004=8A @200 B0C8=3 @200 B044=1 B000=2F9 7008=1 7000=70001 8000=1E085 9008=644 0004=F0005042 0018=200
      1014=11A1504D 9004=0 @1000 9000=200`),
  ],
  configure: [
    // Converter and thermometer, illuminance counter.
    ...registerList(`
      004C+1 004C+2 0054+2 @100 005C+2 @100 005C+1 @100 004C-2 0074+1 @20 0074+2 @20 000C+1 @1000 000C+2 @1000 000C+4`),
    // Event rate controller: 10 000 events in 200 µs, but dropping is off.
    ...registerList("6000-3 6004+1 6008:3FF=C8 600C:FFFFF=2710 6028:3=3 602C+1 6800*230=8080808 602C-1"),
    ...rateTable,
    ...registerList(`6050-1 6060=0 6070=0 6000+1 ${noMasks} 7004-400`),
  ],
  start: registerList("B000=2F9 9028=0 9008+1 002C=22C724 0004+400"),
  stop: imx636Stop,
  powerDown: imx636PowerDown,
};

const gen41PowerDown = registerList(`
  0070=400000 006C=EE47114 @500 A00C=400 @500 A010=8068 @200 1104=0 @200 A020=60 @200 A004=2A0 @200 A008=2400 @200
  A000=2A0 B044=0 B004=A B040=E B0C8=0 B040=6 B040=4 0000=50006442 0000=10006442 B07C=0`);
const gen41Stop = registerList("0004-400 002C=22C324 C000=2 9028=2 C000=5 @1000 9008-1 B000=2D8 @300");
const gen41RateNumbers = `
  6080=3020100 6084=7060504 6088=B0A0908 608C=F0E0D0C 6090=13121110 6094=17161514 6098=1B1A1918 609C=1F1E1D1C
  60C0=3020100 60C4=7060504 60C8=B0A0908 60CC=F0E0D0C 60D0=13121110 60D4=17161514 60D8=1B1A1918 60DC=1F1E1D1C`;

/** Prophesee Gen4.1, 1280 × 720: EVK3 HD. */
export const gen41Sequences: Sequences = {
  powerCycle: [
    ...gen41Stop,
    ...gen41PowerDown,
    ...registerList(`
      001C=1 0064=1 B074=2 B078=A0 0000=10006402 0000=10001402 0000=10001442 B068=4 B07C=3 @1000 0000=50001442
      0000=5000144A 0000=5000140A 0000=5000640A 0000=5000644A ${mipiLanes} B000=2D8 B004=8A B01C=30 B020=2000 B02C=FF
      B030=3E80 B028=FA0 B040=7 A000=101 @200 A008=2405 @200 A004=101 @200 A020=170 @200 B040=F B004=8A @200 B0C8=3 @200
      B044=1 B000=2D9 9008=640 8000=1E005 7008=1 7000=70001 6008=C8 600C=FA0 6004=1 602C=1 6800*230=8080808 602C=0
      6800*230=0`),
    ...rateTable,
    ...registerList(`
      ${gen41RateNumbers} 6028=3 6050=0 6060=0 6070=0 6000=155401 D000=5 C000=5 9000=208 7008=1 7000=70001 8000=1E085
      9008=644 0004=F0005442 0004=F0005042 002C=200224 A000=101 A000=A1 @200 A008=2405 @200 A004=101 A004=A1 @200 A020=170
      A020=160 @200 A008=82401 004C=7141 0054=210 0008=60000000 1104=1 A010=A06B @300 1100=4 @200 A010=180A063 A00C=404
      A00C=405 @1000 A00C=20401 @300 0070=400000 006C=EE47117 @100 006C=EE4711F @100 0070=480000 @1000 1044=1A98A7C
      1040=1A98A94 1048=1A98B94 101C=1A1575B 1050=1A1B251 1020=1A9CD44 100C=1A1FF00 1018=1A13734 1010=1A16373
      1014=1A15050 1004=1A1E84A 1008=1210000 1000=1A1C469 104C=1A19278 1100=5 002C=22C724 0018=200`),
  ],
  configure: [
    ...registerList("0074+1 @20 0074+2 @20 000C+1 @1000 000C+2 @1000 000C+4"),
    // Event rate controller: 10 000 events in 200 µs, dropping is on.
    ...registerList("6000-3 6004+1 6008:3FF=C8 600C:FFFFF=2710 6028:3=3 602C+1 6800*230=8080808 602C-1"),
    ...rateTable,
    ...registerList(`6050-1 6060=0 6070=0 6000+1 6050+1 600C=2710 ${noMasks} 7004-400`),
  ],
  start: registerList("B000=2D9 9028=0 9008+1 002C=22C724 0004+400"),
  stop: gen41Stop,
  powerDown: gen41PowerDown,
};

/**
 * The same sensor on a board with 12-byte frames: written only, because reading is not documented for them. What these boards are
 * known to have been driven with.
 */
export const gen41LegacySequences: Sequences = {
  powerCycle: registerList("@5000"),
  configure: [
    ...registerList(`
      7008=1 7000=FFFF0001 8000=1E085 9008=644 0064=1 B074=2 B078=A0 0000=10006442 0000=10001442 0000=10001442 B068=4
      B07C=3 0000=50001442 0000=5000144A 0000=5000140A 0000=5000640A 0000=5000644A ${mipiLanes} B000=2D8 B004=8A
      B01C=30 B020=2000 B02C=FF B030=3E80 B028=FA0 B040=7 A000=A1 A008=2401 A004=A1 A020=160 B040=F B004=8A B0C8=3 B044=1
      B000=2DD 9008=640 8000=1E085 7008=1 7000=70001 6000=155403 D000=5 C000=5 6000=155400 6004=0 6028=2 602C=1
      6800*230=8080808 602C=0`),
    ...rateTable,
    ...registerList(`
      6050=0 6060=0 6070=0 6000=155401 9000=208 7008=1 7000=70001 8000=1E085 9008=644 0004=F0005042 002C=22C324 A000=2A1
      A000=2A1 A008=82401 A004=2A1 A004=2A1 A020=160 A020=160 A008=82401 004C=7141 0054=210 0008=60000000 1104=1 A010=A06B
      1100=4 A010=180A063 A00C=400 A00C=401 A00C=20401 0070=400000 006C=EE47117 006C=EE4711F 0070=480000 1000=1A1C469
      1004=1A1E84A 1008=1210000 100C=1A1FF00 1010=1A16373 1014=1A15050 1018=1A13734 1020=1A9CD44 1040=1A98A94
      104C=1A19278 2000*40=0 4000*22=0 4058=FF0000 0004=F0005062 1100=5 002C=22C724 0018=200`),
  ],
  start: registerList("B000=2DD 9028=0 9008=645 002C=22C724 0004=F0005442"),
  stop: registerList("0004=F0005042 002C=22C324 C000=2 9028=2 C000=5 @1000 9008=644 B000=2D8 @300"),
  powerDown: registerList(`
    0070=400000 006C=EE47114 @500 A00C=400 @500 A010=8068 @200 1104=0 @200 A020=60 @200 A004=2A0 @200 A008=2400 @200
    A000=2A0 B044=2 B004=A B040=E B0C8=0 B040=6 B040=4 0000=50006442 0000=10006442 B07C=0`),
};
