/* Log filter patterns and SNS filter policies: the first line is the filter, the
 * rest what it is held against. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "emulator/service/logs.h"
#include "emulator/service/sns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void try_policy(const char *text, const char *values)
{
	FP_AUTO(json_freep) cJSON *policy = cJSON_Parse(text);
	FP_AUTO(json_freep) cJSON *against = cJSON_Parse(values);
	struct call c = { .emu = NULL };

	if (sns_filter_check(&c, text) == 0)
		(void)sns_filter_matches(policy, against);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(freep) char *text = xstrndup((const char *)data, n);
	char *rest = strchr(text, '\n');
	struct logs_filter *f = NULL;

	if (rest)
		*rest++ = '\0';
	else
		rest = text + strlen(text);
	if (logs_filter_parse(&f, text, NULL) == 0)
		(void)logs_filter_matches(f, rest);
	logs_filter_freep(&f);
	try_policy(text, rest);
	return 0;
}
