// SPDX-License-Identifier: Apache-2.0
/*
 * Messages of nfnetlink(7) and linux/netfilter/nf_tables.h: a table with one chain of packets that go out,
 * which has one rule.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fail.h"
#include "nftables.h"

#define TABLE	"small-vmm"
#define CHAIN	"out"

/* A batch of messages that is being written */
struct batch {
	char			bytes[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t			length;
	struct nlmsghdr		*message;
};

static void *append(struct batch *batch, size_t length)
{
	void *at = batch->bytes + batch->length;

	batch->length += NLMSG_ALIGN(length);
	if (batch->length > sizeof(batch->bytes))
		fail("a batch for nf_tables is longer than %zu bytes", sizeof(batch->bytes));
	return at;
}

static void begin(struct batch *batch, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nfgenmsg *general;

	batch->message = append(batch, NLMSG_HDRLEN);
	batch->message->nlmsg_type = type;
	batch->message->nlmsg_flags = NLM_F_REQUEST | flags;
	general = append(batch, sizeof(*general));
	general->nfgen_family = family;
	general->version = NFNETLINK_V0;
	general->res_id = htons(NFNL_SUBSYS_NFTABLES);
}

static void end(struct batch *batch)
{
	batch->message->nlmsg_len = batch->bytes + batch->length - (char *)batch->message;
}

static void begin_of_table(struct batch *batch, uint16_t type, uint16_t flags)
{
	begin(batch, NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_IPV4);
}

static void put(struct batch *batch, uint16_t type, const void *value, size_t bytes)
{
	struct nlattr *attribute = append(batch, NLA_HDRLEN + bytes);

	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + bytes;
	memcpy((char *)attribute + NLA_HDRLEN, value, bytes);
}

static void put_text(struct batch *batch, uint16_t type, const char *text)
{
	put(batch, type, text, strlen(text) + 1);
}

static void put_number(struct batch *batch, uint16_t type, uint32_t number)
{
	number = htonl(number);
	put(batch, type, &number, sizeof(number));
}

/* Begins an attribute that has others in it. */
static struct nlattr *open_nest(struct batch *batch, uint16_t type)
{
	struct nlattr *nest = append(batch, NLA_HDRLEN);

	nest->nla_type = type | NLA_F_NESTED;
	return nest;
}

static void close_nest(struct batch *batch, struct nlattr *nest)
{
	nest->nla_len = batch->bytes + batch->length - (char *)nest;
}

/* Expressions of a rule; what is between them is that of the expression. */
static struct nlattr *open_expression(struct batch *batch, const char *name, struct nlattr **data)
{
	struct nlattr *expression = open_nest(batch, NFTA_LIST_ELEM);

	put_text(batch, NFTA_EXPR_NAME, name);
	*data = open_nest(batch, NFTA_EXPR_DATA);
	return expression;
}

static void put_rule(struct batch *batch, uid_t user)
{
	struct nlattr *expressions = open_nest(batch, NFTA_RULE_EXPRESSIONS);
	struct nlattr *expression, *data, *value, *verdict;

	expression = open_expression(batch, "meta", &data);
	put_number(batch, NFTA_META_KEY, NFT_META_SKUID);
	put_number(batch, NFTA_META_DREG, NFT_REG_1);
	close_nest(batch, data);
	close_nest(batch, expression);

	expression = open_expression(batch, "cmp", &data);
	put_number(batch, NFTA_CMP_SREG, NFT_REG_1);
	put_number(batch, NFTA_CMP_OP, NFT_CMP_EQ);
	value = open_nest(batch, NFTA_CMP_DATA);
	put(batch, NFTA_DATA_VALUE, &user, sizeof(user));
	close_nest(batch, value);
	close_nest(batch, data);
	close_nest(batch, expression);

	expression = open_expression(batch, "immediate", &data);
	put_number(batch, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	value = open_nest(batch, NFTA_IMMEDIATE_DATA);
	verdict = open_nest(batch, NFTA_DATA_VERDICT);
	put_number(batch, NFTA_VERDICT_CODE, NF_DROP);
	close_nest(batch, verdict);
	close_nest(batch, value);
	close_nest(batch, data);
	close_nest(batch, expression);

	close_nest(batch, expressions);
}

/* The kernel answers once to each message that failed, and to the last one but the end of the batch. */
static void commit(struct batch *batch)
{
	struct {
		struct nlmsghdr	header;
		struct nlmsgerr	error;
		char		more[1024];
	} reply;
	int fd = must(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));

	must(send(fd, batch->bytes, batch->length, 0));
	must(recv(fd, &reply, sizeof(reply), 0));
	close(fd);
	if (reply.header.nlmsg_type != NLMSG_ERROR || reply.error.error)
		fail("nf_tables: message %u, %s", reply.header.nlmsg_type,
		     strerror(-reply.error.error));
}

static void begin_batch(struct batch *batch)
{
	memset(batch, 0, sizeof(*batch));
	begin(batch, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC);
	end(batch);
}

static void end_batch(struct batch *batch)
{
	begin(batch, NFNL_MSG_BATCH_END, 0, AF_UNSPEC);
	end(batch);
	commit(batch);
}

void drop_of_user(uid_t user)
{
	struct batch batch;
	struct nlattr *hook;

	begin_batch(&batch);
	begin_of_table(&batch, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	put_text(&batch, NFTA_TABLE_NAME, TABLE);
	end(&batch);

	begin_of_table(&batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	put_text(&batch, NFTA_CHAIN_TABLE, TABLE);
	put_text(&batch, NFTA_CHAIN_NAME, CHAIN);
	put_text(&batch, NFTA_CHAIN_TYPE, "filter");
	hook = open_nest(&batch, NFTA_CHAIN_HOOK);
	put_number(&batch, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT);
	put_number(&batch, NFTA_HOOK_PRIORITY, 0);
	close_nest(&batch, hook);
	end(&batch);

	begin_of_table(&batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK);
	put_text(&batch, NFTA_RULE_TABLE, TABLE);
	put_text(&batch, NFTA_RULE_CHAIN, CHAIN);
	put_rule(&batch, user);
	end(&batch);
	end_batch(&batch);
}

void stop_dropping(void)
{
	struct batch batch;

	begin_batch(&batch);
	begin_of_table(&batch, NFT_MSG_DELTABLE, NLM_F_ACK);
	put_text(&batch, NFTA_TABLE_NAME, TABLE);
	end(&batch);
	end_batch(&batch);
}
