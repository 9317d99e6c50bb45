/* SPDX-License-Identifier: Apache-2.0 */
/* A security module of the host's, as a program of BPF. */
#ifndef LSM_H
#define LSM_H

/*
 * Has what USER does be refused at one of the kernel's hooks for security modules, until the file that
 * this returns is closed.
 * @hook: its name, e.g. "socket_bind"
 */
int refuse(const char *hook);

#endif
