/* How many requests a second a Modbus TCP server gives to plain frames: one block read at a time on each connection.
 *
 *     load PORT CONNECTIONS COUNT SECONDS
 *
 * It prints the answers a second. No library, no decoding: what a client measured against the same server reaches
 * must lie well below this, or the server was measured and not the client.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int count, char **words) {
    if (count != 5)
        return 2;
    int connections = atoi(words[2]), registers = atoi(words[3]), on = 1;
    double seconds = atof(words[4]);
    uint8_t asked[12] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, (uint8_t)registers}, answer[512];
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)atoi(words[1]))};
    int epoll_fd = epoll_create1(0), whole = 9 + 2 * registers;
    int *got = calloc(65536, sizeof(int));
    for (int at = 0; at < connections; at++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
            perror("connect");
            return 1;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
        if (send(fd, asked, sizeof asked, MSG_NOSIGNAL) < 0)
            return 1;
    }
    long answers = 0;
    double started_s = now_s();
    struct epoll_event events[256];
    while (now_s() - started_s < seconds) {
        int ready = epoll_wait(epoll_fd, events, 256, 100);
        for (int each = 0; each < ready; each++) {
            int fd = events[each].data.fd;
            ssize_t size = recv(fd, answer, sizeof answer, 0);
            if (size <= 0)
                return 1;
            got[fd] += (int)size;
            if (got[fd] < whole)
                continue;
            got[fd] = 0;
            answers++;
            if (send(fd, asked, sizeof asked, MSG_NOSIGNAL) < 0)
                return 1;
        }
    }
    printf("%.1f\n", (double)answers / (now_s() - started_s));
    return 0;
}
