/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ek_softirq

#if !defined(EK_SOFTIRQ_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define EK_SOFTIRQ_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>

#ifndef EK_SOFTIRQ_TRACE_HELPERS
#define EK_SOFTIRQ_TRACE_HELPERS
/* The backlog of a CPU belongs to no device. */
static inline const char *ek_device_name(const struct napi_struct *napi)
{
	return napi->dev ? napi->dev->name : "backlog";
}
#endif

/* An RT thread put a NAPI instance on the RT list of its CPU. */
TRACE_EVENT(ek_rt_schedule,
	TP_PROTO(const struct napi_struct *napi),
	TP_ARGS(napi),
	TP_STRUCT__entry(
		__field(const void *, napi)
		__string(dev_name, ek_device_name(napi))
	),
	TP_fast_assign(
		__entry->napi = napi;
		__assign_str(dev_name);
	),
	TP_printk("napi=%p dev=%s", __entry->napi, __get_str(dev_name))
);

/* A NAPI instance of the RT list was polled by the current thread. */
TRACE_EVENT(ek_rt_poll,
	TP_PROTO(const struct napi_struct *napi, int work, int budget),
	TP_ARGS(napi, work, budget),
	TP_STRUCT__entry(
		__field(const void *, napi)
		__string(dev_name, ek_device_name(napi))
		__field(int, work)
		__field(int, budget)
	),
	TP_fast_assign(
		__entry->napi = napi;
		__assign_str(dev_name);
		__entry->work = work;
		__entry->budget = budget;
	),
	TP_printk("napi=%p dev=%s work=%d budget=%d", __entry->napi,
		  __get_str(dev_name), __entry->work, __entry->budget)
);

/* An RT thread came upon NET_RX work of others and left it to ek_softirq/N. */
TRACE_EVENT(ek_deferred,
	TP_PROTO(unsigned int cpu),
	TP_ARGS(cpu),
	TP_STRUCT__entry(
		__field(unsigned int, cpu)
	),
	TP_fast_assign(
		__entry->cpu = cpu;
	),
	TP_printk("cpu=%u", __entry->cpu)
);

#endif /* EK_SOFTIRQ_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE ek_softirq_trace
#include <trace/define_trace.h>
