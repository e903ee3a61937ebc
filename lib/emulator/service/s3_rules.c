#include "emulator/service/s3_rules.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"

/* The names that each destination has in the three forms. */
static const struct form {
	const char *kind, *xml, *xml_target, *property, *property_target;
} forms[] = {
	{ "lambda", "CloudFunctionConfiguration", "CloudFunction", "LambdaConfigurations",
	  "Function" },
	{ "sns", "TopicConfiguration", "Topic", "TopicConfigurations", "Topic" },
	{ "sqs", "QueueConfiguration", "Queue", "QueueConfigurations", "Queue" },
};

static const char *const known_events[] = {
	"s3:ObjectCreated:*",
	"s3:ObjectCreated:Put",
	"s3:ObjectCreated:Post",
	"s3:ObjectCreated:Copy",
	"s3:ObjectCreated:CompleteMultipartUpload",
	"s3:ObjectRemoved:*",
	"s3:ObjectRemoved:Delete",
	"s3:ObjectRemoved:DeleteMarkerCreated",
	"s3:ObjectRestore:*",
	"s3:ObjectRestore:Post",
	"s3:ObjectRestore:Completed",
	"s3:ObjectRestore:Delete",
	"s3:ObjectTagging:*",
	"s3:ObjectTagging:Put",
	"s3:ObjectTagging:Delete",
	"s3:ObjectAcl:Put",
	"s3:ReducedRedundancyLostObject",
	"s3:Replication:*",
	"s3:LifecycleExpiration:*",
	"s3:LifecycleExpiration:Delete",
	"s3:LifecycleExpiration:DeleteMarkerCreated",
	"s3:LifecycleTransition",
	"s3:IntelligentTiering",
};

static void name_rule(cJSON *rule)
{
	char id[37];

	if (*json_str(rule, "Id", ""))
		return;
	random_uuid(id);
	json_set_str(rule, "Id", id);
}

static int set_filter(struct call *c, cJSON *rule, const char *name, const char *value)
{
	if (str_ieq(name, "prefix"))
		json_set_str(rule, "Prefix", value);
	else if (str_ieq(name, "suffix"))
		json_set_str(rule, "Suffix", value);
	else
		return fault_set(&c->fault, 400, "InvalidArgument",
				 "filter rule name must be either prefix or suffix");
	return 0;
}

static int rule_from_xml(struct call *c, cJSON *rule, const struct form *f,
			 const struct xml *x)
{
	cJSON *events = json_set_array(rule, "Events");
	const struct xml *key = xml_child(x, "Filter");

	json_set_str(rule, "Id", xml_text(x, "Id", ""));
	json_set_str(rule, "Kind", f->kind);
	json_set_str(rule, "Arn", xml_text(x, f->xml_target, ""));
	name_rule(rule);
	for (const struct xml *e = x->first; e; e = e->next)
		if (str_eq(e->name, "Event"))
			json_push_str(events, e->text);
	key = key ? xml_child(key, "S3Key") : NULL;
	for (const struct xml *e = key ? key->first : NULL; e; e = e->next)
		if (set_filter(c, rule, xml_text(e, "Name", ""),
			       xml_text(e, "Value", "")) < 0)
			return -1;
	return 0;
}

cJSON *s3_rules_from_xml(struct call *c, const struct xml *root)
{
	cJSON *rules = cJSON_CreateArray();

	for (const struct xml *x = root->first; x; x = x->next) {
		const struct form *f = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
			if (str_eq(forms[i].xml, x->name))
				f = &forms[i];
		if (!f)
			(void)fault_set(&c->fault, 501, "NotImplemented",
					"the emulator does not support %s of a bucket's "
					"notifications",
					x->name);
		if (!f || rule_from_xml(c, json_push_object(rules), f, x) < 0) {
			cJSON_Delete(rules);
			return NULL;
		}
	}
	return rules;
}

static int rule_from_property(struct call *c, cJSON *rule, const struct form *f,
			      const cJSON *item)
{
	json_set_str(rule, "Kind", f->kind);
	json_set_str(rule, "Arn", json_str(item, f->property_target, ""));
	json_push_str(json_set_array(rule, "Events"), json_str(item, "Event", ""));
	name_rule(rule);
	json_each (filter, json_get(item, "Filter.S3Key.Rules"))
		if (set_filter(c, rule, json_str(filter, "Name", ""),
			       json_str(filter, "Value", "")) < 0)
			return -1;
	return 0;
}

static int rules_from_member(struct call *c, cJSON *rules, const cJSON *member)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (!str_eq(forms[i].property, member->string))
			continue;
		json_each (item, member)
			if (rule_from_property(c, json_push_object(rules), &forms[i],
					       item) < 0)
				return -1;
		return 0;
	}
	return fault_set(
		&c->fault, 501, "NotImplemented",
		"the emulator does not support '%s' of NotificationConfiguration",
		member->string);
}

cJSON *s3_rules_from_properties(struct call *c, const cJSON *configuration)
{
	cJSON *rules = cJSON_CreateArray();

	json_each_member (member, configuration) {
		if (rules_from_member(c, rules, member) < 0) {
			cJSON_Delete(rules);
			return NULL;
		}
	}
	return rules;
}

static void write_filter(struct buf *out, const cJSON *rule)
{
	static const char *const names[] = { "Prefix", "Suffix" };

	if (!json_get(rule, "Prefix") && !json_get(rule, "Suffix"))
		return;
	xml_open(out, "Filter");
	xml_open(out, "S3Key");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!json_get(rule, names[i]))
			continue;
		xml_open(out, "FilterRule");
		xml_element(out, "Name", names[i]);
		xml_element(out, "Value", json_str(rule, names[i], ""));
		xml_close(out, "FilterRule");
	}
	xml_close(out, "S3Key");
	xml_close(out, "Filter");
}

static void write_rule(struct buf *out, const cJSON *rule, const struct form *f)
{
	xml_open(out, f->xml);
	xml_element(out, "Id", json_str(rule, "Id", ""));
	xml_element(out, f->xml_target, json_str(rule, "Arn", ""));
	json_each (event, json_get(rule, "Events"))
		xml_element(out, "Event", event->valuestring);
	write_filter(out, rule);
	xml_close(out, f->xml);
}

void s3_rules_write(struct buf *out, const cJSON *rules)
{
	json_each (rule, rules)
		for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
			if (str_eq(forms[i].kind, json_str(rule, "Kind", "")))
				write_rule(out, rule, &forms[i]);
}

static bool is_known(const char *event)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_events); i++)
		if (str_eq(known_events[i], event))
			return true;
	return false;
}

static bool share_an_event(const cJSON *a, const cJSON *b)
{
	json_each (x, json_get(a, "Events"))
		json_each (y, json_get(b, "Events"))
			if (str_glob(x->valuestring, y->valuestring) ||
			    str_glob(y->valuestring, x->valuestring))
				return true;
	return false;
}

static bool overlap(const cJSON *a, const cJSON *b)
{
	const char *pa = json_str(a, "Prefix", ""), *pb = json_str(b, "Prefix", "");
	const char *sa = json_str(a, "Suffix", ""), *sb = json_str(b, "Suffix", "");

	return share_an_event(a, b) && (str_starts(pa, pb) || str_starts(pb, pa)) &&
	       (str_ends(sa, sb) || str_ends(sb, sa));
}

int s3_rules_check(struct call *c, const cJSON *rules)
{
	json_each (rule, rules) {
		if (!json_get(rule, "Events")->child)
			return fault_set(&c->fault, 400, "MalformedXML",
					 "a notification names no event");
		json_each (event, json_get(rule, "Events"))
			if (!is_known(event->valuestring))
				return fault_set(&c->fault, 400, "InvalidArgument",
						 "The event '%s' is not supported for "
						 "notifications",
						 event->valuestring);
		for (const cJSON *next = rule->next; next; next = next->next)
			if (overlap(rule, next))
				return fault_set(
					&c->fault, 400, "InvalidArgument",
					"Configurations overlap. Configurations on "
					"the same bucket cannot share a common "
					"event type.");
	}
	return 0;
}
