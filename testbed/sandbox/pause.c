/*
 * The program that does nothing: process 1 of every cluster's sandbox, and of every pod (the `pause` image).
 * As process 1 it must collect the orphans that end below it, and it must handle SIGTERM, which process 1
 * would otherwise ignore.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void stop(int signal) { (void)signal; _exit(0); }

static void collect(int signal) {
    (void)signal;
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
}

int main(void) {
    struct sigaction stopping = {.sa_handler = stop};
    struct sigaction collecting = {.sa_handler = collect, .sa_flags = SA_NOCLDSTOP | SA_RESTART};
    if (sigaction(SIGTERM, &stopping, NULL) || sigaction(SIGINT, &stopping, NULL)) return 1;
    if (sigaction(SIGCHLD, &collecting, NULL)) return 1;
    collect(SIGCHLD);
    for (;;) pause();
}
