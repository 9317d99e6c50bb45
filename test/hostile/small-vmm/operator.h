/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host's operator does: attaches VMs to ek_host, and detaches them, through /dev/ek_host, and sets up
 * the host by files of the kernel.
 */
#ifndef OPERATOR_H
#define OPERATOR_H

#include <sys/types.h>

/* Writes to a file that there is. */
void write_file(const char *path, const char *text);

int open_device(void);

/* Writes a command to the device; returns 0 or a negative errno. */
int tell(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Attaches the VM of this process; returns 0 or a negative errno. The attachment lasts until the file is
 * closed.
 * @how: further words of the command
 */
int hold(int fd, unsigned int sockets, const char *how);

/*
 * The same as hold(), as a VMM of USER that may attach itself. It stays that user for what belongs to users,
 * files among them, and has root's rights, until setresuid(0, 0, 0).
 */
void hold_as_user(int fd, unsigned int sockets);

/* Attaches the VM of this process and closes the file: with "keep" in @how, for as long as the VM lives. */
void attach(const char *how);

/* Returns 0 or a negative errno. */
int detach(pid_t pid);

#endif
