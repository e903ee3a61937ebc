/*
 * AWS CodeBuild. Builds and projects are returned as the answers' own objects, with the
 * members of the API Reference, 2016-10-06. Arrays are the caller's to free.
 */
#ifndef FP_AWS_CODEBUILD_H
#define FP_AWS_CODEBUILD_H

#include "aws/client.h"
#include "base/str.h"

/* The builds with these ids, however many; those that do not exist are left out. */
FP_MUST_CHECK int codebuild_builds(struct aws_client *c, const struct strs *ids,
				   cJSON **out, struct fp_error *err);
/* The ids of a project's builds, the newest first; `max` 0: all. */
FP_MUST_CHECK int codebuild_project_builds(struct aws_client *c, const char *project,
					   size_t max, cJSON **out, struct fp_error *err);
/* The projects with these names; those that do not exist are left out. */
FP_MUST_CHECK int codebuild_projects(struct aws_client *c, const struct strs *names,
				     cJSON **out, struct fp_error *err);

#endif
