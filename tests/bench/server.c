/* A Modbus TCP server for benchmarks: any number of ports and connections, FC 1-6, 15 and 16, one thread, epoll.
 *
 * Each port is a line; each unit on it holds 1024 registers and 1024 bits (an address counts modulo 1024, coils and
 * discrete inputs share the bits, holding and input registers the words), so that what is written reads back. It
 * stands in a process of its own and in C, so that figures measured against it are those of the client.
 *
 *     server PORTS LATENCY_MS SILENT_UNIT SPINS
 *
 * It prints one port a line, then an empty line; every answer leaves LATENCY_MS after its request came (0: at once);
 * SILENT_UNIT (0: none) never answers; SPINS (0 or 1): it never sleeps, so that no client pays for waking it up.
 * Every word starts as its own address. It ends when its standard input ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { WINDOW = 1024, UNITS = 256, BUFFER = 2048, FRAME = 264, EVENTS = 512 };

typedef struct {
    uint16_t words[WINDOW];
    uint8_t bits[WINDOW];
} Unit;

typedef struct {
    Unit *units[UNITS];
} Line;

typedef struct {
    enum { LISTENER, CONNECTION, TIMER, INPUT } kind;
    int fd;
    uint32_t generation; /* how often this slot was given away: an answer to a gone connection is dropped */
    int filled;
    Line *line;
    uint8_t *buffer;
} Slot;

/* Latency is the same for all, so answers leave in the order of their requests: a ring, no heap. */
typedef struct {
    int64_t due_ns;
    int slot;
    uint32_t generation;
    int length;
    uint8_t frame[FRAME];
} Late;

static Slot *slots;
static int slot_count, lowest_free;
static Late *ring;
static size_t ring_size = 1024, ring_head, ring_count;
static int epoll_fd, timer_fd, timer_set;
static int64_t latency_ns;
static int silent_unit;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static unsigned word_at(const uint8_t *bytes) { return (unsigned)bytes[0] << 8 | bytes[1]; }

static void put_word(uint8_t *bytes, unsigned word) {
    bytes[0] = (uint8_t)(word >> 8);
    bytes[1] = (uint8_t)word;
}

static Unit *unit_of(Line *line, int id) {
    if (line->units[id] == NULL) {
        line->units[id] = calloc(1, sizeof(Unit));
        for (int at = 0; at < WINDOW; at++)
            line->units[id]->words[at] = (uint16_t)at;
    }
    return line->units[id];
}

static int read_bits(const Unit *unit, unsigned address, unsigned count, uint8_t *answer) {
    int size = (int)(count + 7) / 8;
    answer[1] = (uint8_t)size;
    memset(answer + 2, 0, (size_t)size);
    for (unsigned at = 0; at < count; at++)
        if (unit->bits[(address + at) % WINDOW])
            answer[2 + at / 8] |= (uint8_t)(1 << at % 8);
    return 2 + size;
}

static int read_words(const Unit *unit, unsigned address, unsigned count, uint8_t *answer) {
    answer[1] = (uint8_t)(2 * count);
    for (unsigned at = 0; at < count; at++)
        put_word(answer + 2 + 2 * at, unit->words[(address + at) % WINDOW]);
    return 2 + 2 * (int)count;
}

static int refuse(uint8_t *answer, uint8_t code) {
    answer[0] |= 0x80;
    answer[1] = code;
    return 2;
}

/* The answer's length; ``asked`` and ``answer`` begin at the function code, ``length`` is that of the question. */
static int answer_to(Unit *unit, const uint8_t *asked, int length, uint8_t *answer) {
    answer[0] = asked[0];
    if (length < 5)
        return refuse(answer, 3);
    unsigned address = word_at(asked + 1), value = word_at(asked + 3);
    memcpy(answer + 1, asked + 1, 4);
    switch (asked[0]) {
    case 1:
    case 2:
        return value >= 1 && value <= 2000 ? read_bits(unit, address, value, answer) : refuse(answer, 3);
    case 3:
    case 4:
        return value >= 1 && value <= 125 ? read_words(unit, address, value, answer) : refuse(answer, 3);
    case 5:
        unit->bits[address % WINDOW] = value == 0xFF00;
        return 5;
    case 6:
        unit->words[address % WINDOW] = (uint16_t)value;
        return 5;
    case 15:
        if (value < 1 || value > 1968 || length < 6 + (int)(value + 7) / 8)
            return refuse(answer, 3);
        for (unsigned at = 0; at < value; at++)
            unit->bits[(address + at) % WINDOW] = asked[6 + at / 8] >> at % 8 & 1;
        return 5;
    case 16:
        if (value < 1 || value > 123 || length < 6 + 2 * (int)value)
            return refuse(answer, 3);
        for (unsigned at = 0; at < value; at++)
            unit->words[(address + at) % WINDOW] = (uint16_t)word_at(asked + 6 + 2 * at);
        return 5;
    default:
        return refuse(answer, 1);
    }
}

static void forget(int at) {
    if (at < lowest_free)
        lowest_free = at;
    close(slots[at].fd);
    slots[at].fd = -1;
    slots[at].generation++;
}

static void send_now(int at, const uint8_t *frame, int length) {
    if (send(slots[at].fd, frame, (size_t)length, MSG_NOSIGNAL) != length)
        forget(at); /* its receive buffer is full of answers that it does not read: no client worth keeping */
}

static void set_timer(void) {
    if (timer_set || ring_count == 0)
        return;
    int64_t due_ns = ring[ring_head].due_ns;
    struct itimerspec when = {.it_value = {due_ns / 1000000000LL, due_ns % 1000000000LL}};
    timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
    timer_set = 1;
}

static void send_later(int at, const uint8_t *frame, int length) {
    if (ring_count == ring_size) {
        Late *larger = malloc(2 * ring_size * sizeof(Late));
        for (size_t old = 0; old < ring_count; old++)
            larger[old] = ring[(ring_head + old) % ring_size];
        free(ring);
        ring = larger;
        ring_head = 0;
        ring_size *= 2;
    }
    Late *late = &ring[(ring_head + ring_count++) % ring_size];
    late->due_ns = now_ns() + latency_ns;
    late->slot = at;
    late->generation = slots[at].generation;
    late->length = length;
    memcpy(late->frame, frame, (size_t)length);
}

static void send_due(void) {
    uint64_t fired;
    if (read(timer_fd, &fired, sizeof fired) < 0 && errno != EAGAIN)
        fail("timer");
    timer_set = 0;
    for (int64_t now = now_ns(); ring_count > 0 && ring[ring_head].due_ns <= now; ring_count--) {
        const Late *late = &ring[ring_head];
        if (slots[late->slot].generation == late->generation)
            send_now(late->slot, late->frame, late->length);
        ring_head = (ring_head + 1) % ring_size;
    }
}

/* Answer every whole frame in the slot's buffer. */
static void serve(int at) {
    Slot *slot = &slots[at];
    int used = 0;
    while (slot->filled - used >= 8) {
        const uint8_t *asked = slot->buffer + used;
        int length = (int)word_at(asked + 4) + 6;
        if (length < 8 || length > FRAME) {
            forget(at);
            return;
        }
        if (slot->filled - used < length)
            break;
        used += length;
        if (asked[6] == silent_unit && silent_unit != 0)
            continue;
        uint8_t answer[FRAME];
        memcpy(answer, asked, 7);
        int size = answer_to(unit_of(slot->line, asked[6]), asked + 7, length - 7, answer + 7);
        put_word(answer + 4, (unsigned)size + 1);
        if (latency_ns > 0)
            send_later(at, answer, size + 7);
        else
            send_now(at, answer, size + 7);
        if (slots[at].fd < 0)
            return;
    }
    memmove(slot->buffer, slot->buffer + used, (size_t)(slot->filled - used));
    slot->filled -= used;
}

static int new_slot(int kind, int fd, Line *line) {
    int at = lowest_free;
    while (at < slot_count && slots[at].fd >= 0)
        at++;
    lowest_free = at + 1;
    if (at == slot_count) {
        slots = realloc(slots, sizeof(Slot) * (size_t)(slot_count += 1024));
        memset(slots + at, 0, sizeof(Slot) * 1024);
        for (int fresh = at; fresh < slot_count; fresh++)
            slots[fresh].fd = -1;
    }
    Slot *slot = &slots[at];
    slot->kind = kind;
    slot->fd = fd;
    slot->filled = 0;
    slot->line = line;
    if (kind == CONNECTION && slot->buffer == NULL)
        slot->buffer = malloc(BUFFER);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)at};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        fail("epoll_ctl");
    return at;
}

static int listen_on_free_port(int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, backlog) < 0)
        fail("listen");
    getsockname(fd, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    return fd;
}

static void accept_all(int at) {
    int fd, on = 1;
    while ((fd = accept4(slots[at].fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        new_slot(CONNECTION, fd, slots[at].line);
    }
    if (errno != EAGAIN && errno != ECONNABORTED)
        fail("accept");
}

static void receive(int at) {
    Slot *slot = &slots[at];
    ssize_t got = recv(slot->fd, slot->buffer + slot->filled, (size_t)(BUFFER - slot->filled), 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            forget(at);
        return;
    }
    slot->filled += (int)got;
    serve(at);
}

static void allow_many_files(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

int main(int count, char **words) {
    if (count != 5) {
        fprintf(stderr, "server PORTS LATENCY_MS SILENT_UNIT SPINS\n");
        return 2;
    }
    int ports = atoi(words[1]);
    latency_ns = (int64_t)(atof(words[2]) * 1e6);
    silent_unit = atoi(words[3]);
    int longest_sleep_ms = atoi(words[4]) ? 0 : -1;
    allow_many_files();
    ring = malloc(ring_size * sizeof(Late));
    epoll_fd = epoll_create1(0);
    timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    new_slot(TIMER, timer_fd, NULL);
    new_slot(INPUT, STDIN_FILENO, NULL);
    for (int port = 0; port < ports; port++)
        new_slot(LISTENER, listen_on_free_port(ports > 1 ? 16 : 4096), calloc(1, sizeof(Line)));
    printf("\n");
    fflush(stdout);
    static struct epoll_event events[EVENTS];
    for (;;) {
        int ready = epoll_wait(epoll_fd, events, EVENTS, longest_sleep_ms);
        for (int each = 0; each < ready; each++) {
            int at = (int)events[each].data.u32;
            if (slots[at].fd < 0)
                continue;
            switch (slots[at].kind) {
            case LISTENER:
                accept_all(at);
                break;
            case CONNECTION:
                receive(at);
                break;
            case TIMER:
                send_due();
                break;
            case INPUT:
                return 0;
            }
        }
        set_timer();
    }
}
