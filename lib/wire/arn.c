#include "wire/arn.h"

#include <string.h>

#include "base/str.h"
#include "wire/partition.h"

/* Copy up to the next colon; NULL when there is none or it does not fit. */
static const char *take_part(char *out, size_t size, const char *s)
{
	size_t n = strcspn(s, ":");

	if (s[n] != ':' || n >= size)
		return NULL;
	memcpy(out, s, n);
	out[n] = '\0';
	return s + n + 1;
}

bool arn_parse(struct arn *out, const char *text)
{
	const char *s = text;

	if (!str_starts(s, "arn:"))
		return false;
	s = take_part(out->partition, sizeof(out->partition), s + 4);
	if (s)
		s = take_part(out->service, sizeof(out->service), s);
	if (s)
		s = take_part(out->region, sizeof(out->region), s);
	if (s)
		s = take_part(out->account, sizeof(out->account), s);
	if (!s || !*s || !*out->partition || !*out->service)
		return false;
	out->resource = s;
	return true;
}

const char *arn_partition(const char *region)
{
	return partition_of(region)->name;
}

const char *arn_dns_suffix(const char *region)
{
	return partition_of(region)->dns_suffix;
}
