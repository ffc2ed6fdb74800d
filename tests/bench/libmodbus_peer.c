/* What libmodbus reaches: device polls a second, each connection with a thread of its own, as its blocking calls want.
 *
 *     libmodbus_peer PORT CONNECTIONS block|points SECONDS ADDRESS...
 *
 * ``points`` reads each address by itself, ``block`` all from the first to the last in one request, and takes the
 * numbers out of it. It prints the polls a second.
 */
#include <modbus.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 125 };

static int port, is_block, address_count, addresses[MOST];
static atomic_long requests;
static atomic_int ready, failed, is_over;

static void *poll_device(void *nothing) {
    uint16_t words[MOST], values[MOST];
    modbus_t *line = modbus_new_tcp("127.0.0.1", port);
    modbus_set_slave(line, 1);
    modbus_set_response_timeout(line, 30, 0); /* a busy machine is no dead device */
    modbus_set_byte_timeout(line, 0, 0);
    int is_good = modbus_connect(line) == 0, first = addresses[0], span = addresses[address_count - 1] - first + 1;
    atomic_fetch_add(&ready, 1);
    while (is_good && !atomic_load_explicit(&is_over, memory_order_relaxed)) {
        if (is_block) {
            is_good = modbus_read_registers(line, first, span, words) == span;
            for (int at = 0; at < address_count; at++)
                values[at] = words[addresses[at] - first];
        } else {
            for (int at = 0; is_good && at < address_count; at++) {
                is_good = modbus_read_registers(line, addresses[at], 1, &values[at]) == 1;
                atomic_fetch_add_explicit(&requests, 1, memory_order_relaxed);
            }
        }
        atomic_fetch_add_explicit(&requests, is_block, memory_order_relaxed);
        /* The server starts with every word as its own address. */
        is_good = is_good && values[address_count - 1] == addresses[address_count - 1];
    }
    if (!is_good)
        atomic_store(&failed, 1);
    modbus_close(line);
    modbus_free(line);
    return nothing;
}

static void wait_s(double seconds) {
    struct timespec span = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&span, NULL);
}

int main(int count, char **words) {
    if (count < 6 || count - 5 > MOST)
        return 2;
    port = atoi(words[1]);
    int connections = atoi(words[2]);
    is_block = strcmp(words[3], "block") == 0;
    double seconds = atof(words[4]);
    for (int at = 5; at < count; at++)
        addresses[address_count++] = atoi(words[at]);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    pthread_t *threads = calloc((size_t)connections, sizeof(pthread_t));
    for (int at = 0; at < connections; at++)
        if (pthread_create(&threads[at], &small, poll_device, NULL) != 0)
            return 1;
    while (atomic_load(&ready) < connections)
        wait_s(0.01);
    wait_s(0.2);
    struct timespec begun, ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    long before = atomic_load(&requests);
    wait_s(seconds);
    long after = atomic_load(&requests);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    atomic_store(&is_over, 1);
    for (int at = 0; at < connections; at++)
        pthread_join(threads[at], NULL);
    double span_s = (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
    printf("%.1f\n", (double)(after - before) / (is_block ? 1 : address_count) / span_s);
    return atomic_load(&failed);
}
