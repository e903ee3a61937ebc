#include "wire/partition.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

/* The first row is for every other region. */
static const struct row {
	const char *prefix;
	struct partition partition;
} rows[] = {
	{ "", { "aws", "amazonaws.com", "api.aws", "console.aws.amazon.com" } },
	{ "cn-",
	  { "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn",
	    "console.amazonaws.cn" } },
	{ "us-gov-",
	  { "aws-us-gov", "amazonaws.com", "api.aws", "console.amazonaws-us-gov.com" } },
	{ "eusc-de-",
	  { "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu",
	    "console.amazonaws-eusc.eu" } },
	{ "us-iso-", { "aws-iso", "c2s.ic.gov", "api.aws.ic.gov", NULL } },
	{ "us-isob-", { "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", NULL } },
	{ "eu-isoe-", { "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", NULL } },
	{ "us-isof-", { "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", NULL } },
};

/* "north-1": a word and a number. */
static bool is_place(const char *s)
{
	const char *p = s;

	while (isalnum((unsigned char)*p) || *p == '_')
		p++;
	return p > s && *p == '-' && p[1] && p[1 + strspn(p + 1, "0123456789")] == '\0';
}

bool region_is_global(const char *region)
{
	return str_starts(region, "aws-") && str_ends(region, "-global");
}

const struct partition *partition_of(const char *region)
{
	for (size_t i = 1; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		size_t n = strlen(row->partition.name);

		if (str_starts(region, row->prefix) &&
		    is_place(region + strlen(row->prefix)))
			return &row->partition;
		if (str_starts(region, row->partition.name) &&
		    str_eq(region + n, "-global"))
			return &row->partition;
	}
	return &rows[0].partition;
}
