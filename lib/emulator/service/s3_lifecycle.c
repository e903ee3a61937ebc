/*
 * Lifecycle rules are kept and checked as S3 checks them; they move and delete nothing
 * here. Source: S3 API Reference, "PutBucketLifecycleConfiguration".
 */
#include "base/str.h"
#include "emulator/service/s3.h"

#define MAX_RULES 1000
#define MAX_ID	  255

static int malformed(struct call *c, const char *text)
{
	return fault_set(&c->fault, 400, "MalformedXML",
			 "The XML you provided was not well-formed or did not validate "
			 "against our published schema: %s",
			 text);
}

static int refuse(struct call *c, const char *text)
{
	return fault_set(&c->fault, 400, "InvalidArgument", "%s", text);
}

/* A positive whole number, or absent (0). */
static int read_days(struct call *c, const struct xml *x, const char *path, int64_t min,
		     int64_t *out)
{
	const char *text = xml_text(x, path, NULL);

	*out = 0;
	if (!text || str_to_i64(text, min, INT32_MAX, out))
		return 0;
	return fault_set(&c->fault, 400, "InvalidArgument",
			 "'%s' must be a %s integer, not '%s'", path,
			 min ? "positive" : "nonnegative", text);
}

static bool is_class(const char *name)
{
	static const char *const classes[] = { "STANDARD_IA",  "ONEZONE_IA",
					       "GLACIER",      "GLACIER_IR",
					       "DEEP_ARCHIVE", "INTELLIGENT_TIERING" };

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (str_eq(classes[i], name))
			return true;
	return false;
}

static int check_transition(struct call *c, const struct xml *t, int64_t expire)
{
	const char *class = xml_text(t, "StorageClass", "");
	const bool days_given = xml_child(t, "Days") != NULL;
	int64_t days, noncurrent;

	if (!is_class(class))
		return malformed(c, "a Transition needs a StorageClass");
	if (read_days(c, t, "Days", 0, &days) < 0 ||
	    read_days(c, t, "NoncurrentDays", 1, &noncurrent) < 0)
		return -1;
	if (days_given && days < 30 && str_ends(class, "_IA"))
		return refuse(c, "'Days' in Transition action must be greater than or "
				 "equal to 30 for storageClass 'STANDARD_IA' and "
				 "'ONEZONE_IA'");
	if (days_given && expire && expire <= days)
		return refuse(c, "'Days' in the Expiration action must be greater than "
				 "'Days' in the Transition action");
	return 0;
}

static int check_expiration(struct call *c, const struct xml *rule, int64_t *days)
{
	const struct xml *e = xml_child(rule, "Expiration");
	int n = 0;

	*days = 0;
	if (!e)
		return 0;
	for (const struct xml *m = e->first; m; m = m->next)
		n++;
	if (n != 1)
		return malformed(c, "an Expiration has exactly one of Days, Date and "
				    "ExpiredObjectDeleteMarker");
	return read_days(c, e, "Days", 1, days);
}

static int check_actions(struct call *c, const struct xml *rule)
{
	static const char *const actions[] = {
		"Expiration",
		"Transition",
		"NoncurrentVersionExpiration",
		"NoncurrentVersionTransition",
		"AbortIncompleteMultipartUpload",
	};
	int64_t expire, days;
	bool acts = false;

	if (check_expiration(c, rule, &expire) < 0 ||
	    read_days(c, rule, "NoncurrentVersionExpiration.NoncurrentDays", 1, &days) <
		    0 ||
	    read_days(c, rule, "AbortIncompleteMultipartUpload.DaysAfterInitiation", 1,
		      &days) < 0)
		return -1;
	for (const struct xml *x = rule->first; x; x = x->next) {
		for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
			acts = acts || str_eq(actions[i], x->name);
		if (str_ends(x->name, "Transition") && check_transition(c, x, expire) < 0)
			return -1;
	}
	return acts ? 0
		    : fault_set(&c->fault, 400, "InvalidRequest",
				"At least one action needs to be specified in a rule");
}

static int check_rule(struct call *c, const struct xml *root, const struct xml *rule)
{
	const char *id = xml_text(rule, "ID", ""), *status = xml_text(rule, "Status", "");

	if (!str_eq(rule->name, "Rule"))
		return malformed(c, "a lifecycle configuration has only rules");
	if (strlen(id) > MAX_ID)
		return refuse(c, "ID length should not exceed allowed limit of 255");
	for (const struct xml *x = root->first; *id && x != rule; x = x->next)
		if (str_eq(id, xml_text(x, "ID", "")))
			return refuse(c, "Rule ID must be unique. Found same ID for more "
					 "than one rule");
	if (!str_eq(status, "Enabled") && !str_eq(status, "Disabled"))
		return malformed(c, "Status is Enabled or Disabled");
	if (!xml_child(rule, "Filter") && !xml_child(rule, "Prefix"))
		return malformed(c, "a rule needs a Filter or a Prefix");
	return check_actions(c, rule);
}

int s3_lifecycle_check(struct call *c, const struct xml *root)
{
	size_t n = 0;

	if (!root->first)
		return malformed(c, "there is no rule");
	for (const struct xml *rule = root->first; rule; rule = rule->next)
		if (++n > MAX_RULES || check_rule(c, root, rule) < 0)
			return n > MAX_RULES ? refuse(c, "there are at most 1000 rules")
					     : -1;
	return 0;
}
