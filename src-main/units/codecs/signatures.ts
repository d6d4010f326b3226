/** First bytes of formats that people may offer us, for messages that name what was found. */
const signatures: readonly (readonly [start: string, name: string])[] = [
  ["#!AER-DAT4.0", "an AEDAT 4 recording"],
  ["#!AER-DAT3.", "an AEDAT 3 recording"],
  ["#!AER-DAT", "an AEDAT recording"],
  ["Event Stream", "an Event Stream (.es) recording"],
  ["\x89HDF\r\n\x1a\n", "an HDF5 file"],
  ["MATLAB 5.0 MAT-file", "a MATLAB file"],
  ["MATLAB 7.3 MAT-file", "a MATLAB 7.3 file"],
  ["\x93NUMPY", "a NumPy array"],
  ["PK\x03\x04", "a ZIP archive"],
  ["#ROSBAG V2.0", "a ROS bag"],
  ["SQLite format 3\0", "an SQLite database (ROS 2 bag)"],
  ["\x89MCAP0\r\n", "an MCAP file"],
  ["\x89PNG", "a PNG picture"],
  ["\xff\xd8\xff", "a JPEG picture"],
  ["GIF8", "a GIF picture"],
  ["%PDF", "a PDF document"],
  ["\x1f\x8b", "a gzip archive"],
  ["\x00\x00\x08\x03", "an IDX image file"],
  ["\x00\x00\x08\x01", "an IDX label file"],
];

/** Bytes one to one as characters, for looking at text in binary files. */
export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

/** Whether these bytes are text (UTF-8 or ASCII) and nothing else. */
export function isText(bytes: Uint8Array): boolean {
  for (const byte of bytes) if ((byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 0x7f) return false;
  const text = new TextDecoder("utf-8").decode(bytes.subarray(0, Math.max(1, bytes.length - 3))); // the last letter may be cut
  return !text.includes("\ufffd");
}

/** What a file that starts like this is, as far as its first bytes tell; `undefined` for headerless data. */
export function recognize(head: Uint8Array): string | undefined {
  const text = latin1(head.subarray(0, 64));
  const known = signatures.find(([start]) => text.startsWith(start));
  if (known !== undefined) return known[1];
  return head.length >= 16 && isText(head) ? "text" : undefined;
}
