/*
 * The LightGCN step of a row in plain C: lightgcn FOLDER THREADS. Speaks like own-side.ts: one command a line, one line of JSON
 * each. Three hops forward, BPR with the norms of the unpropagated rows, three hops backward, and Adam fused with the last of them.
 * In the hops threads take chunks of nodes from a ticket; they meet between dependent passes.
 */
#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDTH = 64, LAYERS = 3, MOST_THREADS = 64, CHUNK = 256, PASSES = 6 };

static int threads;
static long users, nodes, batch_size;
static double rate, weight;
static const int32_t *offsets, *indices, *batches;
static const float *values;
static float *table, *first, *second, *buffers[LAYERS], *upstream, *own_share, *slopes;
/* Nodes whose gradient a thread gathers from the batch. */
static long ranges[MOST_THREADS + 1];

static long step_count, batch_place, rows;
static const int32_t *columns[3];
static double partial[MOST_THREADS][4];
static double last_loss;
static int is_over;
/* Between steps threads sleep. */
static pthread_barrier_t gate;
/* Nodes handed out so far in each pass of a step. */
static long tickets[PASSES];

static void fail(const char *what, const char *which) {
  fprintf(stderr, "%s %s\n", what, which);
  exit(1);
}

/* Values behind the header of an .npy file. */
static void *array(const char *folder, const char *name, long *count) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.npy", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) fail("cannot read", path);
  unsigned char head[10];
  if (fread(head, 1, 10, file) != 10) fail("no header in", path);
  fseek(file, 0, SEEK_END);
  long start = 10 + head[8] + 256 * head[9], bytes = ftell(file) - start;
  void *found = aligned_alloc(64, (bytes + 63) / 64 * 64);
  fseek(file, start, SEEK_SET);
  if (!found || fread(found, 1, bytes, file) != (size_t)bytes) fail("cannot read all of", path);
  fclose(file);
  if (count) *count = bytes / 4;
  return found;
}

static float *zeros(long count) {
  float *made = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
  if (!made) fail("out of memory", "");
  memset(made, 0, count * sizeof(float));
  return made;
}

/* Waits for all threads: a short spin, as passes are short, and then the processor is left to others. */
static void meet(void) {
  static int arrived;
  static unsigned round_number;
  const unsigned mine = __atomic_load_n(&round_number, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == threads) {
    __atomic_store_n(&arrived, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&round_number, mine + 1, __ATOMIC_RELEASE);
    return;
  }
  for (long spins = 0; __atomic_load_n(&round_number, __ATOMIC_ACQUIRE) == mine; spins++)
    if (spins > 20000) sched_yield();
}

/* The next chunk of a pass; 0 where none is left. */
static int take(int pass, long *from, long *to) {
  *from = __atomic_fetch_add(&tickets[pass], CHUNK, __ATOMIC_RELAXED);
  *to = *from + CHUNK < nodes ? *from + CHUNK : nodes;
  return *from < nodes;
}

/* Sixteen floats; the four of a row stay in registers over all its entries, which a compiler does not find out by itself. */
typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));

/* start + row of A · in */
static inline void gathered(long row, const float *in, const float *start, lanes *out) {
  const lanes *base = (const lanes *)(start + row * WIDTH);
  lanes a = base[0], b = base[1], c = base[2], d = base[3];
  for (int32_t e = offsets[row]; e < offsets[row + 1]; e++) {
    const lanes *other = (const lanes *)(in + (long)indices[e] * WIDTH);
    const float value = values[e];
    a += value * other[0], b += value * other[1], c += value * other[2], d += value * other[3];
  }
  out[0] = a, out[1] = b, out[2] = c, out[3] = d;
}

/* out = base + A in; the mean's 1/(L+1) is taken where the result is used. */
static void hop(int pass, const float *in, const float *base, float *out) {
  for (long from, to; take(pass, &from, &to);)
    for (long row = from; row < to; row++) gathered(row, in, base, (lanes *)(out + row * WIDTH));
}

static long node(int column, long row) { return columns[column][row] + (column == 0 ? 0 : users); }

/* Loss of this thread's share of the batch and the squares of its unpropagated rows; slopes are left for the scatter. */
static void batch_loss(int me, const float *final) {
  double loss = 0, squares[3] = {0, 0, 0};
  for (long row = rows * me / threads; row < rows * (me + 1) / threads; row++) {
    const float *u = final + node(0, row) * WIDTH, *i = final + node(1, row) * WIDTH, *j = final + node(2, row) * WIDTH;
    double difference = 0;
    for (int c = 0; c < WIDTH; c++) difference += (double)u[c] * (i[c] - j[c]);
    difference /= (LAYERS + 1) * (LAYERS + 1);
    const double chance = 1 / (1 + exp(-difference));
    loss -= log(1e-10 + chance);
    slopes[row] = (float)(-chance * (1 - chance) / (1e-10 + chance) / rows / (LAYERS + 1));
    for (int k = 0; k < 3; k++) {
      const float *ego = table + node(k, row) * WIDTH;
      float square = 0;
      for (int c = 0; c < WIDTH; c++) square += ego[c] * ego[c];
      squares[k] += square;
    }
  }
  partial[me][0] = loss;
  for (int k = 0; k < 3; k++) partial[me][k + 1] = squares[k];
}

/* Gradient of the propagated rows that this thread owns, and the factor of each unpropagated row in the norms' gradient. */
static void scatter(int me, const float *final) {
  double norms[3] = {0, 0, 0};
  for (int t = 0; t < threads; t++)
    for (int k = 0; k < 3; k++) norms[k] += partial[t][k + 1];
  memset(upstream + ranges[me] * WIDTH, 0, (ranges[me + 1] - ranges[me]) * WIDTH * sizeof(float));
  memset(own_share + ranges[me], 0, (ranges[me + 1] - ranges[me]) * sizeof(float));
  for (long row = 0; row < rows; row++) {
    const long u = node(0, row), i = node(1, row), j = node(2, row);
    const float slope = slopes[row] / (LAYERS + 1);
    for (int k = 0; k < 3; k++) {
      const long target = k == 0 ? u : k == 1 ? i : j;
      if (target < ranges[me] || target >= ranges[me + 1]) continue;
      own_share[target] += (float)(weight / (rows * sqrt(norms[k])));
      float *out = upstream + target * WIDTH;
      const float *a = final + (k == 0 ? i : u) * WIDTH, *b = final + j * WIDTH;
      if (k == 0) for (int c = 0; c < WIDTH; c++) out[c] += slope * (a[c] - b[c]);
      else for (int c = 0; c < WIDTH; c++) out[c] += (k == 1 ? slope : -slope) * a[c];
    }
  }
}

/* The last hop backward, and Adam on each row as it comes. */
static void finish(int pass, const float *in) {
  const double correction1 = 1 - pow(0.9, step_count), correction2 = sqrt(1 - pow(0.999, step_count));
  const float size = (float)(rate / correction1), root = (float)(1 / correction2);
  for (long from, to; take(pass, &from, &to);) for (long row = from; row < to; row++) {
    float gradient[WIDTH];
    gathered(row, in, upstream, (lanes *)gradient);
    float *p = table + row * WIDTH, *m = first + row * WIDTH, *v = second + row * WIDTH;
    const float share = own_share[row];
    for (int c = 0; c < WIDTH; c++) {
      const float g = gradient[c] + share * p[c];
      m[c] = 0.9f * m[c] + 0.1f * g;
      v[c] = 0.999f * v[c] + 0.001f * g * g;
      p[c] -= size * m[c] / (sqrtf(v[c]) * root + 1e-8f);
    }
  }
}

static void step(int me) {
  hop(0, table, table, buffers[0]);
  meet();
  hop(1, buffers[0], table, buffers[1]);
  meet();
  hop(2, buffers[1], table, buffers[2]);
  meet();
  batch_loss(me, buffers[2]);
  meet();
  scatter(me, buffers[2]);
  meet();
  hop(3, upstream, upstream, buffers[0]);
  meet();
  hop(4, buffers[0], upstream, buffers[1]);
  meet();
  finish(5, buffers[1]);
  if (me == 0) {
    double loss = 0, norms[3] = {0, 0, 0};
    for (int t = 0; t < threads; t++) {
      loss += partial[t][0];
      for (int k = 0; k < 3; k++) norms[k] += partial[t][k + 1];
    }
    last_loss = loss / rows + weight * (sqrt(norms[0]) + sqrt(norms[1]) + sqrt(norms[2])) / rows;
  }
}

/* Threads beside the first wait here for the next step. */
static void *work(void *argument) {
  const int me = (int)(intptr_t)argument;
  for (;;) {
    pthread_barrier_wait(&gate);
    if (is_over) return NULL;
    step(me);
    pthread_barrier_wait(&gate);
  }
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* One step on the next batch of the epoch; returns its milliseconds. */
static double run_step(long total) {
  const long place = batch_place * batch_size;
  rows = total - place < batch_size ? total - place : batch_size;
  for (int k = 0; k < 3; k++) columns[k] = batches + 3 * place + k * rows;
  batch_place = place + rows >= total ? 0 : batch_place + 1;
  step_count++;
  memset(tickets, 0, sizeof tickets);
  const double started = now();
  pthread_barrier_wait(&gate);
  step(0);
  pthread_barrier_wait(&gate);
  return now() - started;
}

static void read_row(const char *folder, long *total) {
  long entries, all_nodes;
  offsets = array(folder, "graph.user-item.offsets", &entries);
  indices = array(folder, "graph.user-item.indices", NULL);
  values = array(folder, "graph.user-item.values", NULL);
  batches = array(folder, "batches", total);
  *total /= 3;
  table = array(folder, "parameter.nodes", &all_nodes);
  nodes = entries - 1;
  if (all_nodes != nodes * WIDTH) fail("the table does not fit the graph of", folder);
  first = zeros(nodes * WIDTH), second = zeros(nodes * WIDTH), upstream = zeros(nodes * WIDTH);
  for (int l = 0; l < LAYERS; l++) buffers[l] = zeros(nodes * WIDTH);
  own_share = zeros(nodes), slopes = zeros(batch_size);
  for (int t = 0; t <= threads; t++) ranges[t] = nodes * t / threads;
}

int main(int count, char **arguments) {
  if (count != 7) fail("wanted: lightgcn FOLDER THREADS USERS BATCH RATE WEIGHT", "");
  threads = atoi(arguments[2]), users = atol(arguments[3]), batch_size = atol(arguments[4]);
  rate = atof(arguments[5]), weight = atof(arguments[6]);
  if (threads < 1 || threads > MOST_THREADS) fail("cannot use so many threads:", arguments[2]);
  long total;
  read_row(arguments[1], &total);
  pthread_barrier_init(&gate, NULL, threads);
  pthread_t others[MOST_THREADS];
  for (int t = 1; t < threads; t++) pthread_create(&others[t], NULL, work, (void *)(intptr_t)t);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    int steps = 0;
    const int is_losses = sscanf(line, "losses %d", &steps) == 1;
    if (!is_losses && sscanf(line, "steps %d", &steps) != 1) {
      printf("{\"name\":\"native C\",\"threads\":%d}\n", threads);
    } else {
      printf(is_losses ? "{\"losses\":[" : "{\"ms\":[");
      for (int s = 0; s < steps; s++) {
        const double ms = run_step(total);
        printf("%s%.9g", s == 0 ? "" : ",", is_losses ? last_loss : ms);
      }
      printf("]}\n");
    }
    fflush(stdout);
  }
  is_over = 1;
  pthread_barrier_wait(&gate);
  for (int t = 1; t < threads; t++) pthread_join(others[t], NULL);
  return 0;
}
