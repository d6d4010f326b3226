import { describe, expect, test } from "vitest";
import { seeded } from "#main/lib/testing/random.ts";
import { Lz4Decoder } from "./lz4-decode.ts";
import { Lz4Encoder } from "./lz4-encode.ts";
import { unpacker } from "./unpack.ts";
import { xxh32 } from "./xxh32.ts";

const LIMIT = 1 << 26;
const text = (value: string): Uint8Array => Buffer.from(value, "latin1");

test("xxHash: published values", () => {
  expect(xxh32(text(""))).toBe(0x02cc_5d05);
  expect(xxh32(text("abc"))).toBe(0x32d1_53ff);
  expect(xxh32(text("Nobody inspects the spammish repetition"))).toBe(0xe229_3b2f);
});

/** A frame of blocks as they are given, with its header's checksum. */
function frame(flags: number, blocks: readonly Uint8Array[], after: readonly number[] = []): Uint8Array {
  const head = [flags, 0x40];
  const sizes = blocks.map((block) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(block.length);
    return Buffer.concat([size, block]);
  });
  const start = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, ...head, (xxh32(Uint8Array.from(head)) >>> 8) & 0xff);
  return Buffer.concat([start, ...sizes, Uint8Array.of(0, 0, 0, 0, ...after)]);
}

const unpackedText = (bytes: Uint8Array): string => Buffer.from(new Lz4Decoder().decode(bytes, LIMIT)).toString("latin1");

describe("LZ4 frames", () => {
  /** "abcd", then eight letters from four back, then "!"; the second block reaches into the first. */
  const first = Uint8Array.of(0x44, ...text("abcd"), 4, 0, 0x10, ...text("!"));
  const second = Uint8Array.of(0x02, 9, 0, 0x10, ...text("?"));

  test("by hand: overlapping matches, and linked blocks", () => {
    expect(unpackedText(frame(0x40, [first]))).toBe("abcdabcdabcd!");
    expect(unpackedText(frame(0x40, [first, second]))).toBe("abcdabcdabcd!abcdab?".replace("!abcdab", "!abcdab"));
    expect(() => unpackedText(frame(0x60, [first, second]))).toThrow(/outside its data/);
  });

  test("checksums are compared", () => {
    const word = (value: number): number[] => [...new Uint8Array(Uint32Array.of(value).buffer)];
    const good = frame(0x44, [first], word(xxh32(text("abcdabcdabcd!"))));
    expect(unpackedText(good)).toBe("abcdabcdabcd!");
    expect(() => unpackedText(frame(0x44, [first], word(1)))).toThrow(/checksum/);
    const wrong = good.slice();
    wrong[6]! ^= 1;
    expect(() => unpackedText(wrong)).toThrow(/header/);
    const checked = Buffer.concat([first, Uint8Array.from(word(xxh32(first)))]);
    const blocks = frame(0x50, [checked]);
    new DataView(blocks.buffer, blocks.byteOffset).setUint32(7, first.length, true);
    expect(unpackedText(blocks)).toBe("abcdabcdabcd!");
  });

  test("contents of every kind and size come back", () => {
    const random = seeded(1);
    const [encoder, decoder] = [new Lz4Encoder(), new Lz4Decoder()];
    for (const length of [0, 1, 4, 12, 13, 14, 300, 5000, 262_143, 262_144, 262_145, 600_000]) {
      for (const letters of [1, 2, 16, 256]) {
        const bytes = Uint8Array.from({ length }, () => Math.floor(letters * random()));
        const packed = encoder.encode(bytes);
        if (letters === 1 && length > 5000) expect(packed.length).toBeLessThan(length / 100);
        expect(packed.length).toBeLessThanOrEqual(length + 32);
        expect(Buffer.compare(decoder.decode(packed, LIMIT), bytes)).toBe(0);
      }
    }
  });

  test("cut and damaged frames are refused, and never grow beyond the limit", () => {
    const random = seeded(2);
    const bytes = Uint8Array.from({ length: 3000 }, (_, i) => (i % 50) ^ Math.floor(1.1 * random()));
    const packed = new Lz4Encoder().encode(bytes).slice();
    const decoder = new Lz4Decoder();
    for (let end = 0; end < packed.length; end += 1) expect(() => decoder.decode(packed.subarray(0, end), LIMIT)).toThrow();
    for (let round = 0; round < 2000; round += 1) {
      const hurt = packed.slice();
      hurt[Math.floor(random() * hurt.length)] = Math.floor(256 * random());
      try {
        expect(decoder.decode(hurt, LIMIT).length).toBeLessThanOrEqual(1 << 18);
      } catch (error) {
        expect(error).toMatchObject({ code: "damaged" });
      }
    }
    const bomb = new Lz4Encoder().encode(new Uint8Array(1 << 22));
    expect(() => new Lz4Decoder().decode(bomb, 1 << 20)).toThrow(/runs over|outside/);
  });
});

test("damaged Zstandard is told", () => {
  expect(() => unpacker()(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3))).toThrow(/Zstandard/);
});
