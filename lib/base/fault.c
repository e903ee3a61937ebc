#include "base/fault.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/str.h"

static atomic_bool armed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char op[32];
	unsigned nth, count;
	int error;
} fault; /* under `lock` */

void fault_arm(const char *op, unsigned nth, int error)
{
	pthread_mutex_lock(&lock);
	(void)snprintf(fault.op, sizeof(fault.op), "%s", op);
	fault.nth = nth;
	fault.count = 0;
	fault.error = error;
	atomic_store(&armed, true);
	pthread_mutex_unlock(&lock);
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

bool fault_point(const char *op)
{
	bool fails = false;

	if (!atomic_load_explicit(&armed, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&lock);
	if (str_eq(fault.op, "*") || str_eq(fault.op, op))
		fails = ++fault.count == fault.nth;
	if (fails)
		errno = fault.error;
	pthread_mutex_unlock(&lock);
	return fails;
}
