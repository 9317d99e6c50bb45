/*
 * Shows and sets how the NAPI instances of a NIC are polled:
 *
 *	napi-mode NIC		a line for each: its id, its mode, its thread or 0
 *	napi-mode NIC ID MODE	MODE is disabled, enabled or busy-poll
 *
 * A NAPI thread that polls without a pause (busy-poll, Linux 6.19) can be asked
 * for over netlink only: /sys/class/net/NIC/threaded takes 0 and 1. This is the
 * part of tools/net/ynl that does it, for hosts without Python and that tool.
 *
 * Generic netlink: a first request asks for the number of the family "netdev";
 * the others are of that family. A dump answers with any number of messages and
 * NLMSG_DONE, a setting with NLMSG_ERROR that has 0 if it was made.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * include/uapi/linux/netdev.h of Linux 6.19; that of the C library's package may
 * be older.
 */
enum { CMD_NAPI_GET = 11, CMD_NAPI_SET = 14 };
enum { A_NAPI_IFINDEX = 1, A_NAPI_ID = 2, A_NAPI_PID = 4, A_NAPI_THREADED = 8 };

static const char *const modes[] = { "disabled", "enabled", "busy-poll" };
#define MODES (sizeof(modes) / sizeof(modes[0]))

struct request {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	char attributes[256];
};

static int netlink = -1;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static void begin(struct request *request, uint16_t family, uint16_t flags, uint8_t command)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	request->header.nlmsg_type = family;
	request->header.nlmsg_flags = NLM_F_REQUEST | flags;
	request->genl.cmd = command;
	request->genl.version = 1;
}

/* Appends an attribute; the few of a request fit into its 256 bytes. */
static void append(struct request *request, uint16_t type, const void *data, uint16_t bytes)
{
	struct nlattr *attribute =
		(struct nlattr *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));

	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + bytes;
	memcpy((char *)attribute + NLA_HDRLEN, data, bytes);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) +
				    NLA_ALIGN(attribute->nla_len);
}

/* The data of an attribute of a message of this family, or NULL. */
static const void *find(const struct nlmsghdr *message, uint16_t type)
{
	int left = (int)message->nlmsg_len - (int)NLMSG_LENGTH(GENL_HDRLEN);
	const char *at = (const char *)NLMSG_DATA(message) + GENL_HDRLEN;

	while (left >= NLA_HDRLEN) {
		const struct nlattr *attribute = (const struct nlattr *)at;

		if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > left)
			return NULL;
		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return at + NLA_HDRLEN;
		left -= NLA_ALIGN(attribute->nla_len);
		at += NLA_ALIGN(attribute->nla_len);
	}
	return NULL;
}

static uint32_t number(const void *data)
{
	uint32_t value;

	memcpy(&value, data, sizeof(value));
	return value;
}

/*
 * Sends a request and gives each message of the answer to @take, until the
 * kernel says that it was the last. Ends the program if the kernel refuses.
 */
static void exchange(const struct request *request, const char *what,
		     void (*take)(const struct nlmsghdr *message))
{
	static char buffer[65536] __attribute__((aligned(NLMSG_ALIGNTO)));

	if (send(netlink, request, request->header.nlmsg_len, 0) < 0)
		fail(what);
	for (;;) {
		ssize_t bytes = recv(netlink, buffer, sizeof(buffer), 0);
		const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
		unsigned int left = (unsigned int)bytes;

		if (bytes < 0)
			fail(what);
		for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
			if (message->nlmsg_type == NLMSG_DONE)
				return;
			if (message->nlmsg_type == NLMSG_ERROR) {
				const struct nlmsgerr *error = NLMSG_DATA(message);

				if (error->error == 0)
					return;
				errno = -error->error;
				fail(what);
			}
			if (take != NULL)
				take(message);
		}
	}
}

static uint16_t netdev_family;

static void take_family(const struct nlmsghdr *message)
{
	const void *id = find(message, CTRL_ATTR_FAMILY_ID);

	if (id != NULL)
		memcpy(&netdev_family, id, sizeof(netdev_family));
}

static void print_napi(const struct nlmsghdr *message)
{
	const void *id = find(message, A_NAPI_ID);
	const void *pid = find(message, A_NAPI_PID);
	const void *threaded = find(message, A_NAPI_THREADED);
	const char *mode = "unknown";

	if (id == NULL)
		return;
	if (threaded != NULL && number(threaded) < MODES)
		mode = modes[number(threaded)];
	printf("%u %s %u\n", number(id), mode, pid == NULL ? 0 : number(pid));
}

/* The answer to a request that is no dump ends with an acknowledgement. */
static void find_family(void)
{
	struct request request;

	begin(&request, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY);
	append(&request, CTRL_ATTR_FAMILY_NAME, "netdev", sizeof("netdev"));
	exchange(&request, "the kernel has no netlink family netdev", take_family);
}

static void show(uint32_t nic)
{
	struct request request;

	begin(&request, netdev_family, NLM_F_DUMP, CMD_NAPI_GET);
	append(&request, A_NAPI_IFINDEX, &nic, sizeof(nic));
	exchange(&request, "cannot list NAPI instances", print_napi);
}

static void set(uint32_t id, uint32_t mode)
{
	struct request request;

	begin(&request, netdev_family, NLM_F_ACK, CMD_NAPI_SET);
	append(&request, A_NAPI_ID, &id, sizeof(id));
	append(&request, A_NAPI_THREADED, &mode, sizeof(mode));
	exchange(&request, "the kernel refuses the mode", NULL);
}

int main(int argc, char **argv)
{
	uint32_t nic, mode;

	if (argc != 2 && argc != 4) {
		fprintf(stderr, "usage: %s NIC [ID disabled|enabled|busy-poll]\n", argv[0]);
		return 1;
	}
	nic = if_nametoindex(argv[1]);
	if (nic == 0)
		fail(argv[1]);
	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (netlink < 0)
		fail("cannot open a netlink socket");
	find_family();
	if (argc == 2) {
		show(nic);
		return 0;
	}
	for (mode = 0; mode < MODES; mode++) {
		if (strcmp(modes[mode], argv[3]) == 0) {
			set((uint32_t)strtoul(argv[2], NULL, 10), mode);
			return 0;
		}
	}
	fprintf(stderr, "unknown mode \"%s\"\n", argv[3]);
	return 1;
}
