/* Panels: sockets towards a receiver, each with at most one message in flight.
 *
 * In: what the command line says. Out: connected sockets, frames sent on them, answers taken in and judged.
 */
#ifndef PANELS_H
#define PANELS_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

enum mode { TCP, CONNECT, UDP, ECHO };
enum state { FREE, CONNECTING, WAITING, GONE };
enum verdict { UNFINISHED, RIGHT, WRONG, LATE_COPY, HUNG_UP };
enum { MOST_PIDS = 64, BUNCH = 100 };

struct told {
    struct sockaddr_in receiver;
    enum mode mode;
    int link_tests, mixed, connections, idle, addresses, pids[MOST_PIDS], pid_count;
    double seconds, rate, silence_s;
    uint64_t first_account, accounts;
};

struct panel {
    int fd;
    enum state state;
    unsigned sequence, index;
    uint64_t account, sent_count;
    double due_at, sent_at;
    size_t length, expected_length, got;
    char frame[FRAME_BYTES], expected[FRAME_BYTES], answer[ANSWER_BYTES];
};

static uint64_t serial;

static double monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void fail(const char *format, ...) {
    va_list values;
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    exit(1);
}

/* A socket towards the receiver: connected, or about to be if it must not block. */
static int towards(const struct told *told, int blocking) {
    static unsigned opened;
    int one = 1, type = told->mode == UDP ? SOCK_DGRAM : SOCK_STREAM;
    int fd = socket(AF_INET, type | (blocking ? 0 : SOCK_NONBLOCK), 0);
    if (fd < 0) fail("no more sockets: %s", strerror(errno));
    if (told->addresses > 1) {
        /* Each source address has its own 28,000 ports; the kernel picks one when it knows the other end. */
        struct sockaddr_in from = {.sin_family = AF_INET};
        from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + opened++ % (unsigned)told->addresses);
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(fd, (struct sockaddr *)&from, sizeof from)) fail("no source address: %s", strerror(errno));
    }
    if (type == SOCK_STREAM) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (const struct sockaddr *)&told->receiver, sizeof told->receiver) && errno != EINPROGRESS)
        fail("no connection: %s", strerror(errno));
    return fd;
}

/* Connection `index` walks through its own share of the accounts, in an order that no cache can guess. */
static uint64_t account_of(const struct told *told, const struct panel *panel) {
    uint64_t connections = (uint64_t)told->connections, share = told->accounts / connections;
    if (share < 2) return told->first_account + panel->index % told->accounts;
    return told->first_account + panel->index + connections * (panel->sent_count * 2654435761u % share);
}

static enum kind kind_of(const struct told *told) {
    if (told->link_tests) return LINK_TEST;
    if (!told->mixed) return OPENING;
    return serial % 20 == 0 ? ALARM : serial % 20 == 10 ? CONTACT_ID : OPENING;
}

static void expect_answer(const struct told *told, struct panel *panel) {
    panel->got = 0;
    if (told->mode == ECHO) {
        memcpy(panel->expected, panel->frame, panel->length);
        panel->expected_length = panel->length;
    } else {
        panel->expected_length = write_ack(panel->expected, panel->account, panel->sequence);
    }
}

static void write_next(const struct told *told, struct panel *panel) {
    panel->account = account_of(told, panel);
    panel->sequence = panel->sent_count++ % 9999 + 1;
    panel->length = write_frame(panel->frame, kind_of(told), panel->account, panel->sequence, serial++);
    expect_answer(told, panel);
}

static int transmit(struct panel *panel, double now) {
    panel->sent_at = now;
    panel->state = WAITING;
    return send(panel->fd, panel->frame, panel->length, MSG_NOSIGNAL) == (ssize_t)panel->length;
}

/* Read what is there and judge it: the ACK that we would write ourselves, or another's that says the same. */
static enum verdict take_in(const struct told *told, struct panel *panel) {
    ssize_t got = recv(panel->fd, panel->answer + panel->got, ANSWER_BYTES - panel->got, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return UNFINISHED;
    if (got <= 0) return HUNG_UP;
    panel->got += (size_t)got;
    if (panel->got == panel->expected_length && !memcmp(panel->answer, panel->expected, panel->got)) return RIGHT;
    if (panel->answer[panel->got - 1] != '\r' && panel->got < ANSWER_BYTES) return UNFINISHED;
    if (told->mode != ECHO && acknowledges(panel->answer, panel->got, panel->account, panel->sequence)) return RIGHT;
    if (told->mode == UDP && panel->sequence > 1 && told->accounts <= (uint64_t)told->connections &&
        acknowledges(panel->answer, panel->got, panel->account, panel->sequence - 1)) {
        panel->got = 0;
        return LATE_COPY;
    }
    return WRONG;
}

/* One link test on each of these connections, so that the receiver knows whom it speaks with. */
static void introduce(const struct told *told, struct panel *panels, int count) {
    struct timeval patience = {.tv_sec = (time_t)told->silence_s + 1}, none = {0};
    for (int n = 0; n < count; n++) {
        struct panel *panel = &panels[n];
        panel->sequence = 1;
        panel->account = told->first_account + panel->index % told->accounts;
        panel->length = write_frame(panel->frame, LINK_TEST, panel->account, 1, 0);
        expect_answer(told, panel);
        setsockopt(panel->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (!transmit(panel, 0)) fail("connection %u could not send its first link test", panel->index);
    }
    for (int n = 0; n < count; n++) {
        enum verdict verdict;
        do {
            errno = 0;
            verdict = take_in(told, &panels[n]);
        } while (verdict == UNFINISHED && !errno);
        if (verdict != RIGHT) fail("connection %u got no ACK for its first link test", panels[n].index);
        setsockopt(panels[n].fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
    }
}

/* Connected and introduced, a bunch at a time; `panels` has room for all, or for one bunch if they are only kept open. */
static void open_all(const struct told *told, struct panel *panels, int count, int kept) {
    for (int done = 0; done < count;) {
        struct panel *bunch = kept ? &panels[done] : panels;
        int size = count - done < BUNCH ? count - done : BUNCH;
        for (int n = 0; n < size; n++) {
            bunch[n] = (struct panel){.index = (unsigned)(done + n), .fd = towards(told, 1)};
        }
        introduce(told, bunch, size);
        done += size;
    }
}

#endif
