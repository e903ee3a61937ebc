/*
 * What the files of CloudWatch Logs share.
 */
#ifndef FP_EMULATOR_LOGS_H
#define FP_EMULATOR_LOGS_H

#include "emulator/service.h"

struct log_group {
	int64_t id, created, retention; /* days; 0: for ever */
	char name[513];
};

/* The group that `in` names (logGroupName, or logGroupIdentifier as name or ARN). */
int logs_find_group(struct call *c, const cJSON *in, struct log_group *out);
/* 0 when there is none. */
int logs_find_stream(struct call *c, int64_t group, const char *name, int64_t *id);
int logs_no_stream(struct call *c);
int logs_fault(struct call *c, const struct fp_error *err);

/*
 * Filter patterns: terms that must all occur, "quoted ones", -excluded ones,
 * ?alternatives of which one is enough, and { $.a.b = "x" } with = != < <= > >=,
 * joined by && or by ||. Source: CloudWatch Logs User Guide, "Filter pattern syntax".
 */
struct logs_filter;
/* NULL pattern or "": everything. FP_ERR_INPUT for what is not understood. */
FP_MUST_CHECK int logs_filter_parse(struct logs_filter **out, const char *pattern,
				    struct fp_error *err);
bool logs_filter_matches(const struct logs_filter *f, const char *message);
void logs_filter_freep(struct logs_filter **f);

/* The formatter takes these for nested calls. */
/* clang-format off */
#define LOGS_OPERATIONS(X) \
	X(CreateLogGroup) X(DeleteLogGroup) X(DescribeLogGroups) \
	X(PutRetentionPolicy) X(DeleteRetentionPolicy) X(CreateLogStream) \
	X(DeleteLogStream) X(DescribeLogStreams) X(PutLogEvents) \
	X(FpctlPutLines) X(GetLogEvents) X(FilterLogEvents) X(TagLogGroup) \
	X(UntagLogGroup) X(ListTagsLogGroup) X(TagResource) X(UntagResource) \
	X(ListTagsForResource)
/* clang-format on */
#define X(name) int logs_##name(struct call *c, const cJSON *in, cJSON *out);
LOGS_OPERATIONS(X)
#undef X

extern const struct resource_type logs_resources[];

#endif
