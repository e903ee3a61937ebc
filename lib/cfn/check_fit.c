/*
 * What a function gives, where a property wants something else: reported only when
 * no value of it could do.
 */
#include "cfn/checker.h"

/* The ARN of a resource of this type, with names made up. */
static void put_arn(struct buf *out, const char *form)
{
	static const struct {
		const char *name, *value;
	} known[] = { { "${Partition}", "aws" },
		      { "${Region}", "us-east-1" },
		      { "${Account}", "123456789012" },
		      { "${KeyId}", "1234abcd-12ab-34cd-56ef-1234567890ab" } };

	while (*form) {
		const char *value = "name1";

		if (*form != '$') {
			buf_putc(out, *form++);
			continue;
		}
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			if (str_starts(form, known[i].name))
				value = known[i].value;
		buf_puts(out, value);
		form += strcspn(form, "}");
		form += *form == '}';
	}
}

/* What Ref of such a resource could be; false when its form is not known. */
static bool put_ref(struct buf *out, const struct type_facts *facts)
{
	static const struct {
		const char *is, *sample;
	} forms[] = { { "name", "name1" },
		      { "bucket name", "name1" },
		      { "alias name", "alias/name1" },
		      { "key id", "1234abcd-12ab-34cd-56ef-1234567890ab" },
		      { "url",
			"https://sqs.us-east-1.amazonaws.com/123456789012/name1" } };
	const char *is = node_text(node_get(facts->node, "ref"));
	const char *arn = node_text(node_get(facts->node, "arn"));

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (str_eq(forms[i].is, is))
			return buf_puts(out, forms[i].sample), true;
	if (str_eq(is, "arn") && arn)
		return put_arn(out, arn), true;
	return false;
}

/* The logical ID and the attribute (NULL for Ref) that a call names; or false. */
static bool named_by(const struct call *call, char *id, size_t size,
		     const char **attribute)
{
	const struct node *arg = call->arg;
	const char *text = node_text(arg), *dot;

	*attribute = NULL;
	if (call->fn == FN_GET_ATT && arg->kind == NODE_SEQUENCE && arg->seq.n == 2) {
		text = node_text(arg->seq.v[0]);
		*attribute = arg->seq.v[1]->tag ? NULL : node_text(arg->seq.v[1]);
		return text && *attribute && snprintf(id, size, "%s", text) < (int)size;
	}
	if (!text || (call->fn != FN_REF && call->fn != FN_GET_ATT))
		return false;
	dot = call->fn == FN_GET_ATT ? strchr(text, '.') : NULL;
	if (call->fn == FN_GET_ATT && !dot)
		return false;
	*attribute = dot ? dot + 1 : NULL;
	return snprintf(id, size, "%.*s", dot ? (int)(dot - text) : (int)strlen(text),
			text) < (int)size;
}

static bool put_sample(struct buf *out, const struct type_facts *facts,
		       const char *attribute)
{
	const char *arn = node_text(node_get(facts->node, "arn"));

	if (!attribute)
		return put_ref(out, facts);
	if (!arn || (!str_eq(attribute, "Arn") && !str_eq(attribute, "TopicArn")))
		return false;
	put_arn(out, arn);
	return true;
}

/* The attribute of this type that the property wants; NULL when it takes several. */
static const char *wanted_attribute(const struct fact *fact, const char *type)
{
	const char *found = NULL;
	size_t n = strlen(type);

	for (size_t i = 0; fact->refs && i < fact->refs->seq.n; i++) {
		const char *ref = node_text(fact->refs->seq.v[i]);

		if (strncmp(ref, type, n) != 0 || ref[n] != '.')
			continue;
		if (found)
			return NULL;
		found = ref + n + 1;
	}
	return found;
}

/* "RoleArn", "TopicArn"; S3's and Lambda's that do not say so in their name. */
static bool wants_arn(const struct checker *c, const struct fact *fact)
{
	static const char *const names[] = { "Function", "Queue", "Topic", "Role" };

	if (!fact->name)
		return false;
	return str_ends(fact->name, "Arn") ||
	       (str_eq(c->type, "AWS::S3::Bucket") &&
		check_is_listed(names, ARRAY_SIZE(names), fact->name));
}

static bool wants_name(const char *attribute)
{
	static const char *const names[] = { "BucketName", "GroupName", "LogGroupName",
					     "RoleName", "UserName" };

	return attribute && check_is_listed(names, ARRAY_SIZE(names), attribute);
}

static void check_named(const struct checker *c, const struct fact *fact,
			const struct step *at, const struct call *call)
{
	FP_AUTO(buf_release) struct buf sample = BUF_INIT;
	FP_AUTO(freep) char *hint = NULL;
	const struct type_facts *facts;
	const char *attribute, *type, *want, *gives;
	char id[300];
	bool arn;

	if (!named_by(call, id, sizeof(id), &attribute))
		return;
	type = node_text(node_get(node_get(c->resources, id), "Type"));
	facts = type ? factbook_type(type) : NULL;
	if (!facts || !put_sample(&sample, facts, attribute))
		return;
	arn = str_starts(sample.data, "arn:");
	want = wanted_attribute(fact, type);
	if (check_form_allows(fact, sample.data) && (arn || !wants_arn(c, fact)) &&
	    !(arn && wants_name(want)))
		return;
	if (want && str_ends(want, "Arn") && !arn)
		hint = xasprintf(str_eq(node_text(node_get(facts->node, "ref")), "arn")
					 ? "write !Ref %s"
					 : "write !GetAtt %s.%s",
				 id, want);
	else if (wants_name(want) && arn)
		hint = xasprintf("write !Ref %s", id);
	gives = arn ? "ARN" : node_text(node_get(facts->node, "ref"));
	check_fail(c, at, call->node->pos, hint,
		   "%s of the %s '%s' gives its %s, which cannot stand here",
		   attribute ? "Fn::GetAtt" : "Ref", type, id,
		   str_eq(gives, "url") ? "URL" : gives);
}

void check_fit(const struct checker *c, const struct fact *fact, const struct step *at,
	       const struct call *call)
{
	enum gives gives = check_gives(c, call);
	bool scalar = fact->kinds & ~(unsigned)(FACT_OBJECT | FACT_MAP | FACT_ARRAY);

	if (gives == GIVES_TEXT && !scalar)
		check_fail(c, at, call->node->pos, NULL, "must be a %s; %s gives a text",
			   fact->kinds & FACT_ARRAY ? "list" : "map", fn_name(call->fn));
	else if (gives == GIVES_LIST && !(fact->kinds & (FACT_ARRAY | FACT_JSON)))
		check_fail(c, at, call->node->pos, NULL, "cannot be a list; %s gives one",
			   fn_name(call->fn));
	else if (scalar)
		check_named(c, fact, at, call);
}
