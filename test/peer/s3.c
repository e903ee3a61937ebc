/*
 * S3's calls that no command makes yet, for test/e2e/test_objects: see usage(). The
 * endpoint, the region and the credentials come from the environment.
 */
#include <stdio.h>
#include <string.h>

#include "aws/service/s3.h"
#include "base/json.h"

static int usage(void)
{
	(void)fputs("usage: s3 list BUCKET PREFIX\n"
		    "       s3 region BUCKET\n"
		    "       s3 copy BUCKET KEY VERSION BUCKET KEY PART_SIZE\n"
		    "VERSION may be empty\n",
		    stderr);
	return 2;
}

/* A line each: the key as JSON has it, the size, the entity tag. */
static bool print_entry(void *ctx, const struct s3_entry *e)
{
	FP_AUTO(buf_release) struct buf line = BUF_INIT;
	int64_t *n = ctx;

	json_quote(&line, e->key, strlen(e->key));
	(void)printf("%s %lld %s\n", buf_str(&line), (long long)e->size, e->etag);
	++*n;
	return true;
}

static const char *unless_empty(const char *s)
{
	return *s ? s : NULL;
}

static int number(int64_t *out, const char *text, struct fp_error *err)
{
	if (str_to_i64(text, 0, INT64_MAX, out))
		return 0;
	return fp_fail(err, FP_ERR_USAGE, "'%s' is no number", text);
}

static int list(struct aws_client *c, char **argv, struct fp_error *err)
{
	int64_t n = 0;

	if (s3_list(c, argv[0], argv[1], print_entry, &n, err) < 0)
		return -1;
	(void)fprintf(stderr, "%lld requests\n", (long long)aws_client_requests(c));
	return 0;
}

static int region(struct aws_client *c, char **argv, struct fp_error *err)
{
	FP_AUTO(freep) char *name = NULL;

	if (s3_bucket_region(c, argv[0], &name, err) < 0)
		return -1;
	(void)puts(name);
	return 0;
}

static int copy(struct aws_client *c, char **argv, struct fp_error *err)
{
	const struct s3_place from = { argv[0], argv[1], unless_empty(argv[2]) };
	const struct s3_place to = { argv[3], argv[4], NULL };
	struct s3_transfer t = { 0 };
	struct s3_result r;

	if (number(&t.part_size, argv[5], err) < 0 ||
	    s3_copy(c, &from, &to, &t, &r, err) < 0)
		return -1;
	(void)printf("%lld %s %s\n", (long long)r.size, r.etag, r.checksum);
	return 0;
}

static const struct {
	const char *name;
	int nargs;
	int (*run)(struct aws_client *c, char **argv, struct fp_error *err);
} calls[] = {
	{ "list", 2, list },
	{ "region", 1, region },
	{ "copy", 6, copy },
};

int main(int argc, char **argv)
{
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	struct fp_error err = { 0 };
	size_t i = 0;

	while (i < ARRAY_SIZE(calls) &&
	       (argc < 2 || strcmp(calls[i].name, argv[1]) != 0 ||
		argc != calls[i].nargs + 2))
		i++;
	if (i == ARRAY_SIZE(calls))
		return usage();
	if (aws_client_new(&c, &(struct aws_options){ 0 }, &err) == 0 &&
	    calls[i].run(c, argv + 2, &err) == 0)
		return 0;
	(void)fprintf(stderr, "%s (%s)\n", err.message, err.aws_code);
	return 1;
}
