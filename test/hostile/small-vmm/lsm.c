// SPDX-License-Identifier: Apache-2.0
/*
 * Loads the program without a library: all that libbpf would do here is to find the number of the hook's
 * function in the kernel's description of itself (BTF).
 */
#include "lsm.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"
#include "vmm.h"

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* Number of bytes that follow a type in BTF */
static size_t behind(const struct btf_type *type)
{
	unsigned int vlen = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return vlen * 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return vlen * 8;
	}
	return 0;
}

static unsigned int function_id(const char *wanted)
{
	static char *btf;
	static size_t bytes;
	const struct btf_header *header;
	const char *at, *end;

	if (!btf) {
		int fd = must(open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC));
		ssize_t n;

		btf = malloc(64 << 20);
		while ((n = must(read(fd, btf + bytes, (64 << 20) - bytes))))
			bytes += n;
		close(fd);
	}
	header = (void *)btf;
	at = btf + header->hdr_len + header->type_off;
	end = at + header->type_len;
	for (unsigned int id = 1; at < end; id++) {
		const struct btf_type *type = (void *)at;
		const char *text = btf + header->hdr_len + header->str_off + type->name_off;

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC && !strcmp(text, wanted))
			return id;
		at += sizeof(*type) + behind(type);
	}
	fail("the kernel has no function %s", wanted);
}

int refuse(const char *hook)
{
	static const struct bpf_insn program[] = {
		{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_uid_gid },
		{ BPF_ALU | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_0, 0, 0 },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_JNE | BPF_K, BPF_REG_1, 0, 1, USER },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, -EPERM },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_LSM,
		.expected_attach_type = BPF_LSM_MAC,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.license = (uintptr_t)"GPL",
	}, open = { };
	char function[64];
	int fd;

	snprintf(function, sizeof(function), "bpf_lsm_%s", hook);
	load.attach_btf_id = function_id(function);
	fd = must(bpf(BPF_PROG_LOAD, &load));
	open.raw_tracepoint.prog_fd = fd;
	return must(bpf(BPF_RAW_TRACEPOINT_OPEN, &open));
}
