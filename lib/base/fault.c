#include "base/fault.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/str.h"

static atomic_bool armed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char op[32], kind[FAULT_KIND_LEN];
	unsigned first, last, count;
	int error;
} fault; /* under `lock` */

static void arm(const char *op, unsigned first, unsigned last, int error,
		const char *kind)
{
	pthread_mutex_lock(&lock);
	(void)snprintf(fault.op, sizeof(fault.op), "%s", op);
	(void)snprintf(fault.kind, sizeof(fault.kind), "%s", kind);
	fault.first = first;
	fault.last = last;
	fault.count = 0;
	fault.error = error;
	atomic_store(&armed, true);
	pthread_mutex_unlock(&lock);
}

void fault_arm(const char *op, unsigned nth, int error)
{
	arm(op, nth, nth, error, "");
}

bool fault_arm_text(const char *text)
{
	FP_AUTO(freep) char *op = xstrdup(text);
	char *nth = strchr(op, ':'), *kind, *end;
	int64_t first, last;

	if (!nth || nth == op)
		return false;
	*nth++ = '\0';
	kind = nth + strcspn(nth, ":");
	if (*kind)
		*kind++ = '\0';
	end = nth + strcspn(nth, "-");
	if (*end)
		*end++ = '\0';
	else
		end = nth;
	if (!str_to_i64(nth, 1, UINT_MAX, &first) ||
	    !str_to_i64(end, first, UINT_MAX, &last))
		return false;
	arm(op, (unsigned)first, (unsigned)last, EIO, kind);
	return true;
}

void fault_disarm(void)
{
	atomic_store(&armed, false);
}

unsigned fault_count(void)
{
	unsigned n;

	pthread_mutex_lock(&lock);
	n = fault.count;
	pthread_mutex_unlock(&lock);
	return n;
}

bool fault_point_kind(const char *op, char kind[FAULT_KIND_LEN])
{
	bool fails = false;

	if (!atomic_load_explicit(&armed, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&lock);
	if (str_eq(fault.op, "*") || str_eq(fault.op, op)) {
		fault.count++;
		fails = fault.count >= fault.first && fault.count <= fault.last;
	}
	if (fails) {
		errno = fault.error;
		memcpy(kind, fault.kind, FAULT_KIND_LEN);
	}
	pthread_mutex_unlock(&lock);
	return fails;
}

bool fault_point(const char *op)
{
	char kind[FAULT_KIND_LEN];

	return fault_point_kind(op, kind);
}
