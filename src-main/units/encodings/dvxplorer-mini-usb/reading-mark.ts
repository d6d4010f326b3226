/**
 * The camera sends inertial readings through another endpoint, without a time. Its driver puts each between two words of the stream:
 * this word, which the camera never sends, and behind it the reading's 16 bytes as they came.
 */
export const READING_MARK = 0x0149_4d55;
export const READING_WORDS = 4;
