/* Calibration: a TCP server that sends back what it gets. One thread, one epoll, no parsing, no store.
 *
 * What the generator reaches against it is the most that this machine could give to any receiver. Prints its port,
 * ends when its standard input does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READY = 1024, READ_BYTES = 65536 };

static void need(int worked, const char *what) {
    if (worked) return;
    perror(what);
    exit(1);
}

int main(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    int one = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    need(listening >= 0, "socket");
    need(!bind(listening, (struct sockaddr *)&here, size), "bind");
    need(!listen(listening, 4096), "listen");
    getsockname(listening, (struct sockaddr *)&here, &size);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);

    int ready = epoll_create1(0);
    need(ready >= 0, "epoll");
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = listening};
    epoll_ctl(ready, EPOLL_CTL_ADD, listening, &wanted);
    wanted.data.fd = STDIN_FILENO;
    need(!epoll_ctl(ready, EPOLL_CTL_ADD, STDIN_FILENO, &wanted), "standard input must be a pipe");

    static struct epoll_event events[READY];
    static char bytes[READ_BYTES];
    for (;;) {
        int count = epoll_wait(ready, events, READY, -1);
        for (int n = 0; n < count; n++) {
            int from = events[n].data.fd;
            if (from == STDIN_FILENO) return 0;
            if (from == listening) {
                int accepted;
                while ((accepted = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    wanted.data.fd = accepted;
                    epoll_ctl(ready, EPOLL_CTL_ADD, accepted, &wanted);
                }
                continue;
            }
            ssize_t got = recv(from, bytes, sizeof bytes, 0);
            if (got <= 0 || send(from, bytes, (size_t)got, MSG_NOSIGNAL) != got) close(from);
        }
    }
}
