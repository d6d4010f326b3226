/*
 * EVT 3.0 decoding as a plain C loop, to see what a decoder in the application could reach at best on this machine.
 * Reads little-endian words from a file, decodes them several times in blocks into one buffer that stays in the cache,
 * as the application does, and prints "events seconds" for the fastest pass.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCK = 8192 };

typedef struct {
  int32_t high, low, wraps, row, x, p;
} State;

static size_t decode(const uint16_t *in, size_t count, uint32_t *out, State *s, int32_t width, int32_t height) {
  uint32_t *const begin = out;
  int32_t high = s->high, low = s->low, wraps = s->wraps, row = s->row, vx = s->x, vp = s->p;
  uint32_t t = ((uint32_t)wraps << 24) + ((uint32_t)high << 12) + (uint32_t)low;
  for (size_t i = 0; i < count; i++) {
    const uint32_t word = in[i];
    switch (word >> 12) {
      case 0x0:
        row = (int32_t)(word & 0x7ff) < height ? (int32_t)(word & 0x7ff) : -1;
        break;
      case 0x2: {
        const int32_t x = word & 0x7ff;
        if (high >= 0 && row >= 0 && x < width) {
          *out++ = t;
          *out++ = (word & 0x800) << 17 | (uint32_t)row << 14 | (uint32_t)x;
        }
        break;
      }
      case 0x3:
        vx = word & 0x7ff;
        vp = (word & 0x800) << 17;
        break;
      case 0x4:
      case 0x5: {
        const int32_t bits = word >> 12 == 4 ? 12 : 8;
        if (high >= 0 && row >= 0) {
          const uint32_t packed = (uint32_t)vp | (uint32_t)row << 14;
          for (uint32_t mask = word & ((1u << bits) - 1); mask != 0; mask &= mask - 1) {
            const int32_t x = vx + __builtin_ctz(mask);
            if (x >= width) break;
            *out++ = t;
            *out++ = packed | (uint32_t)x;
          }
        }
        vx += bits;
        break;
      }
      case 0x6:
        low = word & 0xfff;
        t = ((uint32_t)wraps << 24) + ((uint32_t)high << 12) + (uint32_t)low;
        break;
      case 0x8: {
        const int32_t next = word & 0xfff;
        if (next == high) break;
        if (next < high && high - next >= 2048) wraps++;
        high = next;
        low = 0;
        t = ((uint32_t)wraps << 24) + ((uint32_t)high << 12);
        break;
      }
      default:
        break;
    }
  }
  *s = (State){high, low, wraps, row, vx, vp};
  return (size_t)(out - begin) / 2;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: evt3 FILE WIDTH HEIGHT PASSES\n");
    return 2;
  }
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) return 1;
  const size_t count = (size_t)ftell(file) / 2;
  rewind(file);
  uint16_t *words = malloc(2 * count);
  uint32_t *out = malloc(sizeof(uint32_t) * 2 * 12 * BLOCK);
  if (words == NULL || out == NULL || fread(words, 2, count, file) != count) return 1;
  double best = 1e9;
  size_t events = 0;
  for (int pass = 0; pass < atoi(argv[4]); pass++) {
    State state = {-1, 0, 0, -1, 0, 0};
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    events = 0;
    for (size_t at = 0; at < count; at += BLOCK) {
      const size_t size = count - at < BLOCK ? count - at : BLOCK;
      events += decode(words + at, size, out, &state, atoi(argv[2]), atoi(argv[3]));
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    const double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    if (seconds < best) best = seconds;
  }
  printf("%zu %.9f\n", events, best);
  return 0;
}
