// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "operator.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "fail.h"
#include "vmm.h"

int open_device(void)
{
	return must(open("/dev/ek_host", O_WRONLY | O_CLOEXEC));
}

int tell(int fd, const char *format, ...)
{
	char text[128];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return write(fd, text, length) == length ? 0 : -errno;
}

int hold(int fd, unsigned int sockets, const char *how)
{
	return tell(fd, "attach pid=%d sockets=%u notification=idle %s", getpid(), sockets, how);
}

void write_file(const char *path, const char *text)
{
	int fd = must(open(path, O_WRONLY | O_CLOEXEC));

	must(write(fd, text, strlen(text)));
	close(fd);
}

void hold_as_user(int fd, unsigned int sockets)
{
	must(setresuid(USER, 0, 0));
	setfsuid(USER);
	must(hold(fd, sockets, ""));
}

void attach(const char *how)
{
	int fd = open_device(), err = hold(fd, 16, how);

	if (err)
		fail("attaching (%s): %s", how, strerror(-err));
	close(fd);
}

int detach(pid_t pid)
{
	int fd = open_device(), err = tell(fd, "detach pid=%d", pid);

	close(fd);
	return err;
}
