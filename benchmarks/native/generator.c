/* Panels as a load, in one thread over one epoll: every frame different, every answer checked.
 *
 * generator HOST PORT [options]; one JSON object on standard output. Seconds; `cpu_share` is this process's, of one core.
 *   --mode tcp|connect|udp|echo  persistent connections; one connection a message; datagrams; a server that echoes
 *   --kind opening|null|alarms   openings by many users; link tests; openings with a tenth of alarms among them
 *   --connections N  sockets, each with one message in flight        --seconds S   how long new messages are sent
 *   --rate R         messages a second offered, instead of as many as are answered
 *   --first-account HEX, --accounts K   numbers from there on; fewer than two a connection: one each
 *   --idle M         further connections that stay silent
 *   --addresses A    source addresses 127.0.0.1, .2, ...             --silence S   how long the last answers are awaited
 *   --pid P,P        processes whose processor seconds and resident bytes are told
 *
 * A connection that stays opens with a link test, before the clock starts. A datagram is repeated after a second.
 * At an offered rate an answer is timed from the moment its message was due, so that waiting for a free connection
 * counts; a message that was due and never sent counts with what it has waited.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "panels.h"

enum { READY = 1024 };
static const double REPEAT_AFTER_S = 1.0, LONGEST_WAIT_S = 0.1;

static struct told told = {.mode = TCP, .connections = 1, .seconds = 1, .silence_s = 25, .first_account = 0xB000};
static struct panel *panels, **free_ones;
static size_t free_first, free_count;
static int ready;
static double started_at, last_answer_at;
static uint64_t begun, waiting, acknowledged, wrong, lost, unsent, repeated;
static float *took_s;
static size_t took_count, took_room;

static void note(double seconds) {
    if (took_count == took_room) {
        took_room = took_room ? 2 * took_room : 1 << 16;
        took_s = realloc(took_s, took_room * sizeof *took_s);
        if (!took_s) fail("out of memory");
    }
    took_s[took_count++] = (float)seconds;
}

static double due_at(uint64_t n) { return started_at + (double)n / told.rate; }

static void listen_to(struct panel *panel, unsigned events, int how) {
    struct epoll_event wanted = {.events = events, .data.ptr = panel};
    if (epoll_ctl(ready, how, panel->fd, &wanted)) fail("epoll: %s", strerror(errno));
}

static void put_free(struct panel *panel) {
    panel->state = FREE;
    free_ones[(free_first + free_count++) % (size_t)told.connections] = panel;
}

static struct panel *take_free(void) {
    struct panel *panel = free_ones[free_first];
    free_first = (free_first + 1) % (size_t)told.connections;
    free_count--;
    return panel;
}

static void gone(struct panel *panel) {
    close(panel->fd);
    if (panel->state == WAITING || panel->state == CONNECTING) waiting--, lost++;
    if (told.mode == CONNECT) put_free(panel);
    else panel->state = GONE;
}

static void begin(struct panel *panel, double due, double now) {
    begun++, waiting++;
    panel->due_at = due;
    write_next(&told, panel);
    if (told.mode == CONNECT) {
        panel->fd = towards(&told, 0);
        panel->state = CONNECTING;
        listen_to(panel, EPOLLOUT, EPOLL_CTL_ADD);
    } else if (!transmit(panel, now)) {
        gone(panel);
    }
}

static void connected(struct panel *panel, double now) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(panel->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) fail("no connection: %s", strerror(error));
    listen_to(panel, EPOLLIN, EPOLL_CTL_MOD);
    if (!transmit(panel, now)) gone(panel);
}

static void answered(struct panel *panel, int right, double now) {
    waiting--;
    if (right) {
        acknowledged++;
        last_answer_at = now;
        note(now - panel->due_at);
    } else if (!wrong++) {
        fprintf(stderr, "wrong: %.*s instead of %.*s\n", (int)panel->got - 2, panel->answer + 1,
                (int)panel->expected_length - 2, panel->expected + 1);
    }
    if (told.mode == CONNECT) close(panel->fd);
    put_free(panel);
}

static void serve(struct panel *panel, double now) {
    if (panel->state == CONNECTING) {
        connected(panel, now);
        return;
    }
    switch (take_in(&told, panel)) {
        case RIGHT: answered(panel, 1, now); break;
        case WRONG: answered(panel, 0, now); break;
        case HUNG_UP: gone(panel); break;
        case UNFINISHED: case LATE_COPY: break;
    }
}

static void repeat_datagrams(double now) {
    for (int n = 0; n < told.connections; n++)
        if (panels[n].state == WAITING && now - panels[n].sent_at > REPEAT_AFTER_S) {
            repeated++;
            transmit(&panels[n], now);
        }
}

/* epoll itself waits in whole milliseconds. */
static void wait_until(double then, double now) {
    double limit_s = then - now < LONGEST_WAIT_S ? then - now : LONGEST_WAIT_S;
    struct timespec limit = {.tv_nsec = limit_s > 0 ? (long)(1e9 * limit_s) : 0};
    struct pollfd any = {.fd = ready, .events = POLLIN};
    ppoll(&any, 1, &limit, NULL);
}

static void run(void) {
    static struct epoll_event events[READY];
    double until, swept_at, now = started_at = swept_at = last_answer_at = monotonic();
    until = started_at + told.seconds;
    for (;;) {
        double next = now + LONGEST_WAIT_S;
        if (now < until && told.rate > 0) {
            while (free_count && due_at(begun) <= now) begin(take_free(), due_at(begun), now);
            if (free_count) next = due_at(begun);
        } else if (now < until) {
            while (free_count) begin(take_free(), now, now);
        } else if (!waiting || now > until + told.silence_s) {
            break;
        }
        if (!waiting && told.mode != CONNECT && !free_count) break; /* every connection is gone */
        if (told.rate > 0) wait_until(next < until || now >= until ? next : until, now);
        int count = epoll_wait(ready, events, READY, told.rate > 0 ? 0 : (int)(1000 * LONGEST_WAIT_S));
        now = monotonic();
        for (int n = 0; n < count; n++) serve(events[n].data.ptr, now);
        if (told.mode == UDP && now - swept_at > LONGEST_WAIT_S) repeat_datagrams(swept_at = now);
    }
    lost += waiting;
    if (told.rate > 0)
        for (; due_at(begun) < until; begun++, unsent++) note(now - due_at(begun));
}

static void open_idle(void) {
    struct panel bunch[BUNCH];
    open_all(&told, bunch, told.idle, 0);
    if (told.idle) fprintf(stderr, "%d silent connections are open\n", told.idle);
}

static void open_panels(void) {
    if (told.mode == TCP || told.mode == ECHO) open_all(&told, panels, told.connections, 1);
    for (int n = 0; n < told.connections; n++) {
        panels[n].index = (unsigned)n;
        if (told.mode == UDP) panels[n].fd = towards(&told, 0);
        if (told.mode != CONNECT) listen_to(&panels[n], EPOLLIN, EPOLL_CTL_ADD);
        put_free(&panels[n]);
    }
}

static void watched(int pid, double *cpu_s, double *resident_bytes) {
    char path[64], line[1024];
    unsigned long user = 0, kernel = 0;
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    char *rest = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    if (rest)
        sscanf(rest, ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu %*s %*s %*s %*s %*s %*s %*s %*s %ld",
               &user, &kernel, &pages);
    if (file) fclose(file);
    *cpu_s = (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
    *resident_bytes = (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static int ascending(const void *a, const void *b) {
    return (*(const float *)a > *(const float *)b) - (*(const float *)a < *(const float *)b);
}

/* The smallest value that `share` of all do not exceed. */
static double percentile(double share) {
    if (!took_count) return 0;
    size_t at = (size_t)((double)took_count * share + 0.999999);
    return took_s[at ? (at > took_count ? took_count : at) - 1 : 0];
}

static double busy_s(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static int one_of(const char *word, const char *const *words) {
    for (int n = 0; words[n]; n++)
        if (!strcmp(word, words[n])) return n;
    fail("%s: not known here; see the head of generator.c", word);
    return -1;
}

static void understand(int count, char **words) {
    static const char *const modes[] = {"tcp", "connect", "udp", "echo", NULL};
    static const char *const kinds[] = {"opening", "null", "alarms", NULL};
    static const struct option options[] = {
        {"mode", 1, 0, 'm'}, {"kind", 1, 0, 'k'}, {"connections", 1, 0, 'c'}, {"seconds", 1, 0, 's'},
        {"rate", 1, 0, 'r'}, {"idle", 1, 0, 'i'}, {"first-account", 1, 0, 'f'}, {"accounts", 1, 0, 'a'},
        {"addresses", 1, 0, 'A'}, {"silence", 1, 0, 'S'}, {"pid", 1, 0, 'p'}, {0, 0, 0, 0}};
    for (int option; (option = getopt_long(count, words, "", options, NULL)) != -1;) switch (option) {
            case 'm': told.mode = (enum mode)one_of(optarg, modes); break;
            case 'k': {
                int kind = one_of(optarg, kinds);
                told.link_tests = kind == 1;
                told.mixed = kind == 2;
                break;
            }
            case 'c': told.connections = atoi(optarg); break;
            case 's': told.seconds = atof(optarg); break;
            case 'r': told.rate = atof(optarg); break;
            case 'i': told.idle = atoi(optarg); break;
            case 'f': told.first_account = strtoull(optarg, NULL, 16); break;
            case 'a': told.accounts = strtoull(optarg, NULL, 10); break;
            case 'A': told.addresses = atoi(optarg); break;
            case 'S': told.silence_s = atof(optarg); break;
            case 'p':
                for (char *word = strtok(optarg, ","); word && told.pid_count < MOST_PIDS; word = strtok(NULL, ","))
                    told.pids[told.pid_count++] = atoi(word);
                break;
            default: exit(2);
        }
    if (count - optind != 2 || told.connections < 1) fail("generator HOST PORT [options]; see the head of generator.c");
    told.receiver.sin_family = AF_INET;
    told.receiver.sin_port = htons((uint16_t)atoi(words[optind + 1]));
    if (inet_pton(AF_INET, words[optind], &told.receiver.sin_addr) != 1) fail("%s: not an IPv4 address", words[optind]);
    if (!told.accounts) told.accounts = (uint64_t)told.connections;
    if (!told.addresses) told.addresses = 1 + (told.connections + told.idle) / 25000;
    if (ntohl(told.receiver.sin_addr.s_addr) >> 24 != 127) told.addresses = 1;
}

static void print_result(double share) {
    double seconds = last_answer_at - started_at;
    qsort(took_s, took_count, sizeof *took_s, ascending);
    printf("{\"connections\": %d, \"acknowledged\": %" PRIu64 ", \"wrong\": %" PRIu64 ", \"lost\": %" PRIu64
           ", \"unsent\": %" PRIu64 ", ", told.connections, acknowledged, wrong, lost, unsent);
    printf("\"repeated\": %" PRIu64 ", \"idle\": %d, \"seconds\": %.6f, \"rate\": %.1f, ", repeated, told.idle, seconds,
           seconds > 0 ? (double)acknowledged / seconds : 0);
    printf("\"p50_s\": %.6f, \"p99_s\": %.6f, \"worst_s\": %.6f, \"cpu_share\": %.4f, \"watched\": [", percentile(0.5),
           percentile(0.99), took_count ? took_s[took_count - 1] : 0, share);
}

int main(int count, char **words) {
    double cpu_before[MOST_PIDS], cpu_s, resident_bytes;
    struct rlimit files;
    struct timespec now;
    understand(count, words);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    prctl(PR_SET_TIMERSLACK, 1000);
    prepare_crc();
    clock_gettime(CLOCK_REALTIME, &now);
    serial = ((uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000) % 1000000000000;
    panels = calloc((size_t)told.connections, sizeof *panels);
    free_ones = calloc((size_t)told.connections, sizeof *free_ones);
    ready = epoll_create1(0);
    if (!panels || !free_ones || ready < 0) fail("out of memory");
    open_idle();
    open_panels();
    for (int n = 0; n < told.pid_count; n++) watched(told.pids[n], &cpu_before[n], &resident_bytes);
    double busy = busy_s();
    run();
    print_result((busy_s() - busy) / (monotonic() - started_at));
    for (int n = 0; n < told.pid_count; n++) {
        watched(told.pids[n], &cpu_s, &resident_bytes);
        printf("%s{\"pid\": %d, \"cpu_s\": %.2f, \"resident_bytes\": %.0f}", n ? ", " : "", told.pids[n],
               cpu_s - cpu_before[n], resident_bytes);
    }
    printf("]}\n");
    return 0;
}
