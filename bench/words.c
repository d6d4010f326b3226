/*
 * Decoding of EVT 2.0, EVT 2.1, DAT, ATIS records and AEDAT 4 structs as plain C loops, to see what decoders in the application could reach at best on
 * this machine. Reads words from a file, decodes them several times in blocks into one buffer that stays in the cache, as the
 * application does, and prints "events seconds" for the fastest pass.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  int64_t time; /* of the last time word or record, turns included; -1 before the first */
  int32_t width, height;
} State;

/* A time word of 28 bits in steps of 64 us: a fall by more than half its range is a turn. */
static int64_t time_high(int64_t before, uint32_t word) {
  const int64_t turn = (int64_t)1 << 34;
  if (before < 0) return (int64_t)(word & 0xfffffff) << 6;
  int64_t next = (before & ~(turn - 1)) + ((int64_t)(word & 0xfffffff) << 6);
  if (before - next > turn / 2) next += turn;
  return next;
}

static size_t evt2(const uint8_t *in, size_t count, uint32_t *out, State *s) {
  const uint32_t *words = (const uint32_t *)in;
  uint32_t *const begin = out;
  const uint32_t width = (uint32_t)s->width, height = (uint32_t)s->height;
  int64_t time = s->time;
  for (size_t i = 0; i < count; i++) {
    const uint32_t word = words[i], kind = word >> 28;
    if (kind <= 1) {
      const uint32_t x = (word >> 11) & 0x7ff, y = word & 0x7ff;
      if (time >= 0 && x < width && y < height) {
        *out++ = (uint32_t)time + ((word >> 22) & 0x3f);
        *out++ = (word & 0x10000000) | y << 14 | x;
      }
    } else if (kind == 8) time = time_high(time, word);
  }
  s->time = time;
  return (size_t)(out - begin) / 2;
}

static size_t evt21(const uint8_t *in, size_t count, uint32_t *out, State *s) {
  const uint32_t *words = (const uint32_t *)in;
  uint32_t *const begin = out;
  const uint32_t width = (uint32_t)s->width, height = (uint32_t)s->height;
  int64_t time = s->time;
  for (size_t i = 0; i < count; i++) {
    const uint32_t word = words[2 * i + 1], kind = word >> 28;
    if (kind <= 1) {
      const uint32_t first = (word >> 11) & 0x7ff, y = word & 0x7ff;
      const uint32_t t = (uint32_t)time + ((word >> 22) & 0x3f), packed = (word & 0x10000000) | y << 14;
      if (time < 0 || y >= height) continue;
      for (uint32_t mask = words[2 * i]; mask != 0; mask &= mask - 1) {
        const uint32_t x = first + (uint32_t)__builtin_ctz(mask);
        if (x >= width) break;
        *out++ = t;
        *out++ = packed | x;
      }
    } else if (kind == 8) time = time_high(time, word);
  }
  s->time = time;
  return (size_t)(out - begin) / 2;
}

static size_t dat(const uint8_t *in, size_t count, uint32_t *out, State *s) {
  const uint32_t *words = (const uint32_t *)in;
  uint32_t *const begin = out;
  const uint32_t width = (uint32_t)s->width, height = (uint32_t)s->height;
  int64_t time = s->time;
  for (size_t i = 0; i < count; i++) {
    const uint32_t t = words[2 * i], address = words[2 * i + 1];
    const uint32_t x = address & 0x3fff, y = (address >> 14) & 0x3fff;
    const int64_t turns = time < 0 ? 0 : time & ~0xffffffffLL;
    int64_t next = turns + t;
    if (time - next > 0x80000000LL) next += 0x100000000LL;
    time = next;
    if (x >= width || y >= height) continue;
    *out++ = (uint32_t)time;
    *out++ = (uint32_t)(address >> 28 != 0) << 28 | y << 14 | x;
  }
  s->time = time;
  return (size_t)(out - begin) / 2;
}

static size_t atis(const uint8_t *in, size_t count, uint32_t *out, State *s) {
  uint32_t *const begin = out;
  const uint32_t width = (uint32_t)s->width, height = (uint32_t)s->height;
  uint32_t later = s->time < 0 ? 0 : (uint32_t)s->time;
  for (size_t i = 0; i < count; i++, in += 5) {
    const uint32_t x = in[0], y = in[1];
    if (y == 240) {
      later += 8192;
      continue;
    }
    if (x >= width || y >= height) continue;
    *out++ = later + ((uint32_t)(in[2] & 0x7f) << 16 | (uint32_t)in[3] << 8 | in[4]);
    *out++ = (uint32_t)(in[2] >> 7) << 28 | y << 14 | x;
  }
  s->time = later;
  return (size_t)(out - begin) / 2;
}

static size_t aedat4(const uint8_t *in, size_t count, uint32_t *out, State *s) {
  uint32_t *const begin = out;
  const uint32_t width = (uint32_t)s->width, height = (uint32_t)s->height;
  int64_t t;
  uint16_t x, y;
  for (size_t i = 0; i < count; i++, in += 16) {
    memcpy(&t, in, 8);
    memcpy(&x, in + 8, 2);
    memcpy(&y, in + 10, 2);
    if (t < 0 || x >= width || y >= height) continue;
    *out++ = (uint32_t)t;
    *out++ = (uint32_t)(in[12] != 0) << 28 | (uint32_t)y << 14 | x;
  }
  return (size_t)(out - begin) / 2;
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: words evt2|evt21|dat|atis|aedat4 FILE WIDTH HEIGHT PASSES\n");
    return 2;
  }
  const struct {
    const char *name;
    size_t bytes, block, dense;
    size_t (*decode)(const uint8_t *, size_t, uint32_t *, State *);
  } kinds[] = {{"evt2", 4, 8192, 1, evt2}, {"evt21", 8, 2048, 32, evt21}, {"dat", 8, 8192, 1, dat}, {"atis", 5, 8192, 1, atis}, {"aedat4", 16, 4096, 1, aedat4}};
  size_t kind = 0;
  while (kind < 5 && strcmp(kinds[kind].name, argv[1]) != 0) kind++;
  FILE *file = fopen(argv[2], "rb");
  if (kind == 5 || file == NULL || fseek(file, 0, SEEK_END) != 0) return 1;
  const size_t size = (size_t)ftell(file), bytes = kinds[kind].bytes, block = kinds[kind].block, count = size / bytes;
  rewind(file);
  uint8_t *input = malloc(size);
  uint32_t *out = malloc(8 * kinds[kind].dense * block);
  if (input == NULL || out == NULL || fread(input, 1, size, file) != size) return 1;
  double best = 1e9;
  size_t events = 0;
  for (int pass = 0; pass < atoi(argv[5]); pass++) {
    State state = {-1, atoi(argv[3]), atoi(argv[4])};
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    events = 0;
    for (size_t at = 0; at < count; at += block) {
      const size_t words = count - at < block ? count - at : block;
      events += kinds[kind].decode(input + at * bytes, words, out, &state);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    const double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    if (seconds < best) best = seconds;
  }
  printf("%zu %.9f\n", events, best);
  return 0;
}
