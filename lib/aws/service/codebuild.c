#include "aws/service/codebuild.h"

#include "aws/members.h"
#include "aws/paginate.h"
#include "base/json.h"

static const struct aws_api api = { .service = "codebuild",
				    .version = "CodeBuild_20161006",
				    .protocol = AWS_JSON_1_1 };

/* API Reference: of the ids and names of one call. */
#define MAX_BATCH 100

int codebuild_builds(struct aws_client *c, const struct strs *ids, cJSON **out,
		     struct fp_error *err)
{
	static const struct aws_batch batch = { &api, "BatchGetBuilds", "ids", "builds",
						MAX_BATCH };

	return aws_call_batches(c, &batch, ids, NULL, out, err);
}

int codebuild_project_builds(struct aws_client *c, const char *project, size_t max,
			     cJSON **out, struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &api,
						.action = "ListBuildsForProject",
						.list = "ids",
						.token = "nextToken" };
	FP_AUTO(json_freep) cJSON *in = aws_input("projectName", project);

	json_set_str(in, "sortOrder", "DESCENDING");
	return aws_collect(c, &pages, in, max, out, err);
}

int codebuild_projects(struct aws_client *c, const struct strs *names, cJSON **out,
		       struct fp_error *err)
{
	static const struct aws_batch batch = { &api, "BatchGetProjects", "names",
						"projects", MAX_BATCH };

	return aws_call_batches(c, &batch, names, NULL, out, err);
}
