#include "plan/placement.h"

#include "base/str.h"

/* "invoices-dev-uploads-${AWS::AccountId}-${AWS::Region}" */
#define ENDING "-${AWS::AccountId}-${AWS::Region}"

/* A bucket's name in the manifest, owned by the caller; NULL when it is none of ours. */
static char *bucket_name(const struct node *resource, const char *prefix)
{
	const struct node *name = node_at(resource, "Properties.BucketName");
	const char *text = node_text(name);
	size_t n = strlen(prefix);

	if (!node_is(node_get(resource, "Type"), "AWS::S3::Bucket"))
		return NULL;
	if (!text)
		text = node_text(node_get(name, "Fn::Sub"));
	if (!text || !str_starts(text, prefix) || text[n] != '-' ||
	    !str_ends(text, ENDING) || strlen(text) <= n + 1 + strlen(ENDING))
		return NULL;
	return xstrndup(text + n + 1, strlen(text) - n - 1 - strlen(ENDING));
}

void plan_read_placement(struct spread *out, const char *prefix, const char *name,
			 const struct live_stack *live)
{
	size_t number = spread_number(name);
	const struct node *all = node_get(live->template, "Resources");

	if (!number || !live->exists)
		return;
	spread_put(out, prefix, "", number);
	for (size_t i = 0; all && all->kind == NODE_MAPPING && i < all->map.n; i++) {
		FP_AUTO(freep) char *bucket = bucket_name(all->map.v[i].value, prefix);

		if (bucket)
			spread_put(out, prefix, bucket, number);
	}
}
