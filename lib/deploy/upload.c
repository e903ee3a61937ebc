/*
 * Code and large templates to the artifact bucket, each by its digest: what is
 * there already is never sent again.
 */
#include "aws/service/s3.h"
#include "base/str.h"
#include "deploy/internal.h"

#define ARTIFACT_STACK "artifacts"
#define BUCKET_OUTPUT  "ArtifactBucketName"

size_t artifact_stack(const struct rendering *r)
{
	for (size_t i = 0; i < r->nstacks; i++)
		if (str_eq(r->stacks[i].name, ARTIFACT_STACK))
			return i;
	return SIZE_MAX;
}

/* FP_ERR_UNRESOLVED while its stack is not up. */
static int artifact_bucket(const char **out, const struct job *job, struct fp_error *err)
{
	size_t i = artifact_stack(job->d->rendering);
	const struct map *outputs = i == SIZE_MAX ? NULL : job->live.v[i].outputs;

	*out = outputs ? map_get(outputs, BUCKET_OUTPUT) : NULL;
	if (*out)
		return 0;
	return fp_fail(err, FP_ERR_UNRESOLVED,
		       "stack '%s' has no output %s, so there is no place for code "
		       "and templates",
		       ARTIFACT_STACK, BUCKET_OUTPUT);
}

/* Whether the object is there; -1 when that cannot be said. */
static int exists(struct aws_client *aws, const char *bucket, const char *key,
		  struct fp_error *err)
{
	FP_AUTO(s3_object_release) struct s3_object object = { 0 };
	struct fp_error why = { 0 };

	if (s3_head(aws, bucket, key, &object, &why) == 0)
		return 1;
	if (why.http_status == 404)
		return 0;
	if (err)
		*err = why;
	return -1;
}

int upload_code(struct job *job, size_t i, struct fp_error *err)
{
	const struct deploy_code *code = &job->d->code[i];
	struct deploy_event e = { .kind = DEPLOY_UPLOAD,
				  .resource = code->processor,
				  .reason = code->asset.key };
	const char *bucket;
	int there;

	if (artifact_bucket(&bucket, job, err) < 0)
		return -1;
	there = exists(job->d->aws, bucket, code->asset.key, err);
	if (there < 0)
		return fp_wrap(err, "code of processor '%s'", code->processor);
	if (there)
		return 0;
	job_report(job, &e);
	if (s3_put_file(job->d->aws, bucket, code->asset.key, code->asset.path,
			"application/zip", NULL, err) < 0)
		return fp_wrap(err, "code of processor '%s'", code->processor);
	job_count(job, &job->sum->uploaded);
	return 0;
}

int upload_template(struct job *job, const struct rendered_stack *s, char **url,
		    struct fp_error *err)
{
	FP_AUTO(freep) char *key = NULL;
	char digest[SHA256_HEX_LEN];
	const char *bucket;
	int there;

	if (artifact_bucket(&bucket, job, err) < 0)
		return -1;
	sha256_hex(digest, s->body, s->body_len);
	key = xasprintf("templates/%s.yaml", digest);
	there = exists(job->d->aws, bucket, key, err);
	if (there < 0)
		return -1;
	if (!there && s3_put(job->d->aws, bucket, key, s->body, s->body_len,
			     "application/yaml", err) < 0)
		return -1;
	*url = s3_url(job->d->aws, bucket, key);
	return 0;
}
