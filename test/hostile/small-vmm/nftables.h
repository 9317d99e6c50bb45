/* SPDX-License-Identifier: Apache-2.0 */
/* A packet filter of this network namespace, as `nft` would make it. */
#ifndef NFTABLES_H
#define NFTABLES_H

#include <sys/types.h>

/* Drops what sockets of a user send (`meta skuid UID drop`), until stop_dropping(). */
void drop_of_user(uid_t user);
void stop_dropping(void);

#endif
