// SPDX-License-Identifier: Apache-2.0
/*
 * A plugin of the lab's emulator that runs a model of the processor's caches over every instruction and every
 * access to memory, and counts for each thread of the emulated host what it did and how its caches served it.
 *
 * It sees what the CPUs do, and changes nothing of it: a run is the same, bit for bit, as without. What it
 * counts depends on nothing but the run.
 *
 * Which thread a CPU runs it hears from kernel/lab/ek_mark.c, the first word of which starts the model, with
 * empty caches. Whether that thread is in a guest it sees by itself: VMRUN begins it, and what comes after
 * VMRUN in the host ends it (AMD64 Architecture Programmer's Manual, volume 2, section 15.5). The walks of the
 * MMU through page tables are not seen.
 *
 * Arguments: out=FILE, cpus=N (those of the host; the others are computers of their own), and the caches'
 * geometry as own=BYTES:WAYS, shared=BYTES:WAYS, line=BYTES.
 */
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qemu-plugin.h>

#include "hierarchy.h"
#include "marks.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* The last level's sets are chosen by address bits below this, where host addresses are aligned as guests'. */
#define MAX_WAY_BYTES (2u << 20)
#define MAX_VMRUNS 16

struct counts {
	uint64_t instructions;
	uint64_t bytes_loaded;
	uint64_t bytes_stored;
	uint64_t references;
	uint64_t misses;
};

/* One for each thread and context, inside and outside of a guest */
struct account {
	uint32_t thread;
	enum context context;
	bool in_guest;
	struct counts counts;
};

struct cpu {
	/* Operand of the last MARK_STATE */
	uint64_t state;
	bool in_guest;
	struct account *account;
	/* Of the instructions that the CPU has executed, those that are in an account, or count for none */
	uint64_t instructions_accounted;
};

/* The lines of a block of instructions, which touches two pages at most */
struct fetch {
	uint64_t first[2];
	uint8_t count[2];
};

/* What the plugin's user gave */
static const char *out_path;
static unsigned int host_cpus;
static struct geometry own_geometry, shared_geometry;

static FILE *out;
static unsigned int line_shift;
static struct hierarchy *hierarchy;
/* Since the first mark */
static bool modelling;
static bool counting;
static struct cpu cpus[MAX_CPUS];
static GHashTable *accounts;
static qemu_plugin_u64 executed;
static struct qemu_plugin_register *rdi, *rsi;
/* Where the instructions after those VMRUNs are that were translated */
static const uint8_t *after_vmrun[MAX_VMRUNS];
static unsigned int vmruns;

static struct account *account_of(uint64_t state, bool in_guest)
{
	uint64_t key = state << 1 | in_guest;
	struct account *account = g_hash_table_lookup(accounts, &key);
	uint64_t *stored_key;

	if (account)
		return account;
	account = g_new0(struct account, 1);
	account->thread = state >> CONTEXT_BITS;
	account->context = state & ((1 << CONTEXT_BITS) - 1);
	account->in_guest = in_guest;
	stored_key = g_new(uint64_t, 1);
	*stored_key = key;
	g_hash_table_insert(accounts, stored_key, account);
	return account;
}

static void account_instructions(unsigned int cpu)
{
	uint64_t now = qemu_plugin_u64_get(executed, cpu);

	cpus[cpu].account->counts.instructions += now - cpus[cpu].instructions_accounted;
	cpus[cpu].instructions_accounted = now;
}

static void choose_account(unsigned int cpu)
{
	account_instructions(cpu);
	cpus[cpu].account = account_of(cpus[cpu].state, cpus[cpu].in_guest);
}

static void start_model(void)
{
	modelling = true;
	for (unsigned int cpu = 0; cpu < host_cpus; cpu++)
		cpus[cpu].account = account_of(0, false);
}

static void start_counting(void)
{
	GHashTableIter iter;
	void *account;

	for (unsigned int cpu = 0; cpu < host_cpus; cpu++)
		account_instructions(cpu);
	g_hash_table_iter_init(&iter, accounts);
	while (g_hash_table_iter_next(&iter, NULL, &account))
		memset(&((struct account *)account)->counts, 0, sizeof(struct counts));
}

static void write_account(const struct account *account)
{
	static const char *const names[] = { "thread", "hard interrupt", "softirq" };
	const struct counts *counts = &account->counts;

	fprintf(out, "{\"thread\":%" PRIu32 ",\"context\":\"%s\",\"inGuest\":%s,"
		"\"instructions\":%" PRIu64 ",\"bytesLoaded\":%" PRIu64 ",\"bytesStored\":%" PRIu64 ","
		"\"references\":%" PRIu64 ",\"misses\":%" PRIu64 "}\n",
		account->thread, names[account->context], account->in_guest ? "true" : "false",
		counts->instructions, counts->bytes_loaded, counts->bytes_stored,
		counts->references, counts->misses);
}

static int by_key(const void *a, const void *b)
{
	uint64_t left = **(uint64_t *const *)a, right = **(uint64_t *const *)b;

	return (left > right) - (left < right);
}

/* In an order that does not depend on the hash table's */
static void stop_counting(void)
{
	g_autoptr(GPtrArray) keys = g_hash_table_get_keys_as_ptr_array(accounts);

	for (unsigned int cpu = 0; cpu < host_cpus; cpu++)
		account_instructions(cpu);
	g_ptr_array_sort(keys, by_key);
	for (unsigned int i = 0; i < keys->len; i++) {
		const struct account *account = g_hash_table_lookup(accounts, keys->pdata[i]);

		if (account->counts.instructions)
			write_account(account);
	}
	if (fflush(out))
		perror(out_path);
}

static uint64_t read_register(struct qemu_plugin_register *handle)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	uint64_t value = 0;

	if (qemu_plugin_read_register(handle, bytes) == sizeof(value))
		memcpy(&value, bytes->data, sizeof(value));
	return value;
}

static void on_mark(unsigned int cpu, void *unused)
{
	uint64_t operand = read_register(rsi);

	switch (read_register(rdi)) {
	case MARK_STATE:
		if (cpu >= host_cpus)
			break;
		if (!modelling)
			start_model();
		cpus[cpu].state = operand;
		choose_account(cpu);
		break;
	case MARK_COUNTING:
		if (!modelling || counting == (bool)operand)
			break;
		counting = operand;
		if (counting)
			start_counting();
		else
			stop_counting();
		break;
	}
}

static void on_vmrun(unsigned int cpu, void *unused)
{
	if (!modelling || cpu >= host_cpus)
		return;
	cpus[cpu].in_guest = true;
	choose_account(cpu);
}

static void on_vmexit(unsigned int cpu, void *unused)
{
	if (!modelling || cpu >= host_cpus)
		return;
	cpus[cpu].in_guest = false;
	choose_account(cpu);
}

static void access_line(unsigned int cpu, uint64_t line, bool write)
{
	struct counts *counts = &cpus[cpu].account->counts;

	switch (hierarchy_access(hierarchy, cpu, line, write)) {
	case SHARED_MISS:
		counts->misses++;
		counts->references++;
		break;
	case SHARED_HIT:
		counts->references++;
		break;
	case OWN_HIT:
		break;
	}
}

/* After the access */
static void on_access(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t address, void *unused)
{
	uint64_t size = 1ull << qemu_plugin_mem_size_shift(info);
	bool write = qemu_plugin_mem_is_store(info);
	const struct qemu_plugin_hwaddr *hwaddr;
	uint64_t first, last;

	if (!modelling || cpu >= host_cpus)
		return;
	hwaddr = qemu_plugin_get_hwaddr(info, address);
	if (!hwaddr || qemu_plugin_hwaddr_is_io(hwaddr))
		return;
	if (write)
		cpus[cpu].account->counts.bytes_stored += size;
	else
		cpus[cpu].account->counts.bytes_loaded += size;
	/* Of what is in two pages, the second part is taken to be in the frame after the first's. */
	first = qemu_plugin_hwaddr_phys_addr(hwaddr);
	last = (first + size - 1) >> line_shift;
	first >>= line_shift;
	access_line(cpu, first, write);
	if (last != first)
		access_line(cpu, last, write);
}

static void on_block(unsigned int cpu, void *data)
{
	const struct fetch *fetch = data;

	if (!modelling || cpu >= host_cpus)
		return;
	for (unsigned int page = 0; page < 2; page++) {
		for (unsigned int i = 0; i < fetch->count[page]; i++)
			access_line(cpu, fetch->first[page] + i, false);
	}
}

static void on_dma_write(uint64_t address, uint64_t size)
{
	uint64_t last = (address + size - 1) >> line_shift;

	if (!modelling || !size)
		return;
	for (uint64_t line = address >> line_shift; line <= last; line++)
		hierarchy_invalidate(hierarchy, line);
}

/*
 * The lines are those of host addresses: above all physical ones, so that instructions and data have lines
 * of their own, but the same below MAX_WAY_BYTES, to which the emulator aligns its memory.
 */
static void add_to_fetch(struct fetch *fetch, struct qemu_plugin_insn *insn)
{
	uintptr_t address = (uintptr_t)qemu_plugin_insn_haddr(insn);
	uint64_t first = address >> line_shift;
	uint64_t last = (address + qemu_plugin_insn_size(insn) - 1) >> line_shift;
	unsigned int page = 0;

	if (!address)
		return;
	if (!fetch->count[0])
		fetch->first[0] = first;
	if (first - fetch->first[0] > fetch->count[0])
		page = 1;
	if (!fetch->count[page])
		fetch->first[page] = first;
	fetch->count[page] = last - fetch->first[page] + 1;
}

static bool is_after_vmrun(const uint8_t *address)
{
	for (unsigned int i = 0; i < vmruns; i++) {
		if (after_vmrun[i] == address)
			return true;
	}
	return false;
}

static void instrument_special(struct qemu_plugin_insn *insn)
{
	static const uint8_t mark[] = MARK_INSTRUCTION;
	static const uint8_t vmrun[] = { 0x0f, 0x01, 0xd8 };
	uint8_t code[sizeof(mark)];
	size_t size = qemu_plugin_insn_data(insn, code, sizeof(code));
	const uint8_t *address = qemu_plugin_insn_haddr(insn);

	if (is_after_vmrun(address))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_vmexit, QEMU_PLUGIN_CB_NO_REGS, NULL);
	if (size == sizeof(mark) && !memcmp(code, mark, size)) {
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, QEMU_PLUGIN_CB_R_REGS, NULL);
	} else if (size == sizeof(vmrun) && !memcmp(code, vmrun, size)) {
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_vmrun, QEMU_PLUGIN_CB_NO_REGS, NULL);
		if (!is_after_vmrun(address + size) && vmruns < MAX_VMRUNS)
			after_vmrun[vmruns++] = address + size;
	}
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	struct fetch *fetch = g_new0(struct fetch, 1);

	for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);

		add_to_fetch(fetch, insn);
		qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64,
								    executed, 1);
		qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW, NULL);
		instrument_special(insn);
	}
	qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, QEMU_PLUGIN_CB_NO_REGS, fetch);
}

static void on_cpu(qemu_plugin_id_t id, unsigned int cpu)
{
	g_autoptr(GArray) registers = qemu_plugin_get_registers();

	for (unsigned int i = 0; i < registers->len; i++) {
		qemu_plugin_reg_descriptor *reg = &g_array_index(registers, qemu_plugin_reg_descriptor, i);

		if (!strcmp(reg->name, "rdi"))
			rdi = reg->handle;
		else if (!strcmp(reg->name, "rsi"))
			rsi = reg->handle;
	}
}

static bool is_power_of_two(uint32_t number)
{
	return number && !(number & (number - 1));
}

static bool is_valid(struct geometry geometry)
{
	return is_power_of_two(geometry.size) && is_power_of_two(geometry.ways) &&
	       is_power_of_two(geometry.line_size) && geometry.line_size <= 4096 &&
	       geometry.size / geometry.ways >= geometry.line_size &&
	       geometry.size / geometry.ways <= MAX_WAY_BYTES;
}

static bool parse_argument(const char *argument)
{
	char end;

	if (g_str_has_prefix(argument, "out=")) {
		out_path = argument + strlen("out=");
		return true;
	}
	return sscanf(argument, "cpus=%u%c", &host_cpus, &end) == 1 ||
	       sscanf(argument, "own=%" SCNu32 ":%" SCNu32 "%c", &own_geometry.size, &own_geometry.ways, &end) == 2 ||
	       sscanf(argument, "shared=%" SCNu32 ":%" SCNu32 "%c", &shared_geometry.size, &shared_geometry.ways, &end) == 2 ||
	       sscanf(argument, "line=%" SCNu32 "%c", &own_geometry.line_size, &end) == 1;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (!parse_argument(argv[i])) {
			fprintf(stderr, "cache model: what is \"%s\"?\n", argv[i]);
			return -1;
		}
	}
	shared_geometry.line_size = own_geometry.line_size;
	if (!out_path || !host_cpus || host_cpus > MAX_CPUS || !is_valid(own_geometry) || !is_valid(shared_geometry)) {
		fprintf(stderr, "cache model: it needs out, cpus, own, shared and line, powers of two, and ways of at most %u bytes\n",
			MAX_WAY_BYTES);
		return -1;
	}
	out = fopen(out_path, "w");
	if (!out) {
		perror(out_path);
		return -1;
	}
	hierarchy = hierarchy_create(host_cpus, own_geometry, shared_geometry);
	if (!hierarchy) {
		fprintf(stderr, "cache model: there is no memory for it\n");
		return -1;
	}
	line_shift = __builtin_ctz(own_geometry.line_size);
	accounts = g_hash_table_new(g_int64_hash, g_int64_equal);
	executed = qemu_plugin_scoreboard_u64(qemu_plugin_scoreboard_new(sizeof(uint64_t)));
	qemu_plugin_register_vcpu_init_cb(id, on_cpu);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_dma_write_cb(on_dma_write);
	return 0;
}
