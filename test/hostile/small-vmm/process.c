// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"

pid_t start(void (*run)(int to_parent), int *from_child)
{
	int ends[2];
	pid_t pid;

	must(pipe2(ends, O_CLOEXEC));
	fflush(stdout);
	pid = must(fork());
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		run(ends[1]);
		exit(0);
	}
	close(ends[1]);
	*from_child = ends[0];
	return pid;
}

void say(int to)
{
	must(write(to, "", 1));
}

void expect_word(int from, const char *what)
{
	char byte;

	if (read(from, &byte, 1) != 1)
		fail("%s: the process has ended", what);
}

bool ends_in_time(pid_t pid)
{
	for (int i = 0; i < PATIENCE_S * 100; i++) {
		int status;
		pid_t ended = must(waitpid(pid, &status, WNOHANG));

		if (ended) {
			if (WIFEXITED(status) && WEXITSTATUS(status))
				exit(1);
			return true;
		}
		pause_ms(10);
	}
	return false;
}

void pause_ms(long ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}
