#include "emulator/service/cloudformation.h"

#include "base/fs.h"
#include "base/json.h"
#include "cfn/facts.h"
#include "cfn/template.h"
#include "emulator/bus.h"
#include "wire/uri.h"
#include "yaml/load.h"

#define MAX_FINDINGS 10
#define FILE_NAME    "template"
#define AUTO_EXPAND  "CAPABILITY_AUTO_EXPAND"
#define LANGUAGE     "AWS::LanguageExtensions"

void engine_template_release(struct engine_template *t)
{
	arena_release(&t->arena);
	t->source = t->folded = NULL;
}

/* "bucket.s3.eu-west-1.amazonaws.com/key" or "s3.amazonaws.com/bucket/key". */
static bool split_url(const char *url, char **bucket, char **key)
{
	FP_AUTO(request_release) struct http_request r;
	FP_AUTO(buf_release) struct buf path = BUF_INIT;
	const char *dot, *rest;

	request_init(&r, "GET", "/");
	if (request_set_url(&r, url, NULL) < 0)
		return false;
	uri_decode(&path, r.path + 1, strlen(r.path + 1), false);
	rest = buf_str(&path);
	dot = strstr(r.host, ".s3");
	if (dot && (dot[3] == '.' || dot[3] == '-')) {
		*bucket = xstrndup(r.host, (size_t)(dot - r.host));
	} else {
		const char *slash = strchr(rest, '/');

		if (!slash)
			return false;
		*bucket = xstrndup(rest, (size_t)(slash - rest));
		rest = slash + 1;
	}
	*key = xstrdup(rest);
	return **bucket && **key;
}

static char *fetch_url(struct call *c, const char *url)
{
	FP_AUTO(json_freep) cJSON *object = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *found = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	FP_AUTO(freep) char *bucket = NULL;
	FP_AUTO(freep) char *key = NULL;
	struct fp_error err = { 0 };

	if (!split_url(url, &bucket, &key)) {
		fault_set(&c->fault, 400, "ValidationError",
			  "TemplateURL must be a supported URL.");
		return NULL;
	}
	json_set_str(object, "Bucket", bucket);
	json_set_str(object, "Key", key);
	if (bus_call(c, "s3", "GetObjectPath", object, found) < 0) {
		FP_AUTO(freep) char *why = xstrdup(c->fault.message);

		fault_set(&c->fault, 400, "ValidationError", "S3 error: %s: %s", url,
			  why);
		return NULL;
	}
	if (fs_read(&body, json_str(found, "Path", ""), CFN_MAX_URL_BODY, &err) < 0) {
		if (err.code == FP_ERR_LIMIT)
			fault_set(&c->fault, 400, "ValidationError",
				  "Template may not exceed %d bytes in size.",
				  CFN_MAX_URL_BODY);
		else
			fault_from(&c->fault, &err);
		return NULL;
	}
	return buf_detach(&body);
}

char *engine_template_text(struct call *c, const cJSON *in,
			   const struct engine_stack *stack)
{
	const char *body = json_str(in, "TemplateBody", NULL);
	const char *url = json_str(in, "TemplateURL", NULL);
	bool previous = json_bool(in, "UsePreviousTemplate", false);
	const char *deployed = stack ? json_str(stack->deployed, "Template", NULL) : NULL;

	if ((body != NULL) + (url != NULL) + previous != 1) {
		fault_set(&c->fault, 400, "ValidationError",
			  "Either Template URL or Template Body must be specified.");
		return NULL;
	}
	if (url)
		return fetch_url(c, url);
	if (previous && !deployed) {
		fault_set(&c->fault, 400, "ValidationError",
			  "UsePreviousTemplate cannot be used: the stack has no template "
			  "yet");
		return NULL;
	}
	if (body && strlen(body) > CFN_MAX_BODY) {
		fault_set(
			&c->fault, 400, "ValidationError",
			"1 validation error detected: Value at 'templateBody' failed to "
			"satisfy constraint: Member must have length less than or equal "
			"to %d",
			CFN_MAX_BODY);
		return NULL;
	}
	return xstrdup(previous ? deployed : body);
}

/* What the findings say, as one line with the template's lines; appended. */
static void add_findings(struct buf *out, const struct diags *diags)
{
	for (size_t i = 0; i < diags->n && i < MAX_FINDINGS; i++) {
		const struct diag *d = &diags->v[i];

		buf_printf(out, "%s%s", i ? "; " : "", d->message);
		if (d->hint)
			buf_printf(out, ", %s", d->hint);
		if (d->pos.line)
			buf_printf(out, " (line %u, column %u)", d->pos.line,
				   d->pos.column);
	}
	if (diags->n > MAX_FINDINGS)
		buf_printf(out, "; and %zu more", diags->n - MAX_FINDINGS);
}

static int refuse(struct call *c, const char *prefix, struct diags *diags)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	diags_sort(diags);
	add_findings(&text, diags);
	return fault_set(&c->fault, 400, "ValidationError", "%s: %s", prefix,
			 buf_str(&text));
}

cJSON *engine_transforms(const struct node *source)
{
	const struct node *t = node_get(source, "Transform");
	cJSON *names = cJSON_CreateArray();

	if (t && t->kind == NODE_SEQUENCE)
		for (size_t i = 0; i < t->seq.n; i++)
			json_push_str(names, str_or(node_text(t->seq.v[i]), "?"));
	else if (t)
		json_push_str(names, str_or(node_text(t), "?"));
	return names;
}

static int check_transforms(struct call *c, const struct node *source)
{
	FP_AUTO(json_freep) cJSON *names = engine_transforms(source);

	json_each (name, names)
		if (!str_eq(name->valuestring, LANGUAGE))
			return fault_set(
				&c->fault, 501, "NotImplemented",
				"the emulator does not carry out the transform '%s' "
				"(template line %u)",
				name->valuestring,
				node_get(source, "Transform")->pos.line);
	return 0;
}

/* What CloudFormation would carry out and the emulator does not. */
static int check_sections(struct call *c, const struct node *source)
{
	static const char *const beyond[] = { "Rules", "Hooks" };

	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++) {
		const struct node_pair *section = node_find(source, beyond[i]);

		if (section)
			return fault_set(
				&c->fault, 501, "NotImplemented",
				"the emulator does not carry out a template's %s "
				"(template line %u); remove them to go on locally",
				beyond[i], section->key->pos.line);
	}
	return 0;
}

/* With loops in it the template can be judged only when they are unrolled. */
static bool has_transform(const struct node *source)
{
	return node_get(source, "Transform") != NULL;
}

static int check(struct call *c, const struct node *tmpl)
{
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;

	if (cfn_template_check_structure(tmpl, &diags) < 0)
		return refuse(c, "Template format error", &diags);
	return 0;
}

int engine_template_load(struct engine_template *t, struct call *c, const char *text)
{
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	const struct node *resources;
	bool json = text[strspn(text, " \t\r\n")] == '{';

	if (node_load(&t->source, &t->arena, text, strlen(text), FILE_NAME, NULL,
		      &diags) < 0)
		return refuse(c,
			      json ? "Template format error: JSON not well-formed"
				   : "Template format error: YAML not well-formed",
			      &diags);
	if (t->source->kind != NODE_MAPPING)
		return fault_set(&c->fault, 400, "ValidationError",
				 "Template format error: unsupported structure.");
	resources = node_get(t->source, "Resources");
	if (!resources || resources->kind != NODE_MAPPING || !resources->map.n)
		return fault_set(
			&c->fault, 400, "ValidationError",
			"Template format error: At least one Resources member must "
			"be defined.");
	if (check_transforms(c, t->source) < 0 || check_sections(c, t->source) < 0)
		return -1;
	return has_transform(t->source) ? 0 : check(c, t->source);
}

const struct resource_type *engine_type(const char *type, const char **service)
{
	for (size_t i = 0; services[i]; i++)
		for (const struct resource_type *t = services[i]->resources; t && t->type;
		     t++)
			if (str_eq(t->type, type)) {
				if (service)
					*service = services[i]->name;
				return t;
			}
	return NULL;
}

int engine_check_types(struct call *c, const struct node *tmpl)
{
	FP_AUTO(buf_release) struct buf types = BUF_INIT;
	const struct node *resources = node_get(tmpl, "Resources");
	unsigned line = 0;

	for (size_t i = 0; resources && i < resources->map.n; i++) {
		const struct node *type = node_get(resources->map.v[i].value, "Type");
		const char *name = str_or(node_text(type), "");

		if (engine_type(name, NULL))
			continue;
		if (!line)
			line = type ? type->pos.line : resources->map.v[i].key->pos.line;
		if (!strstr(buf_str(&types), name))
			buf_printf(&types, "%s%s", types.len ? ", " : "", name);
	}
	if (!types.len)
		return 0;
	return fault_set(
		&c->fault, 400, "ValidationError",
		"Template format error: Unrecognized resource types: [%s] (template "
		"line %u; the emulator has the types of fpctl's stacks)",
		buf_str(&types), line);
}

/* What waits for signals, or keeps what the emulator's types do not have. */
static int check_attributes(struct call *c, const struct node *tmpl)
{
	static const char *const beyond[] = { "CreationPolicy", "UpdatePolicy" };
	static const char *const policies[] = { "DeletionPolicy", "UpdateReplacePolicy" };
	const struct node *resources = node_get(tmpl, "Resources");

	for (size_t i = 0; resources && i < resources->map.n; i++) {
		const struct node *r = resources->map.v[i].value;

		for (size_t k = 0; k < ARRAY_SIZE(beyond); k++)
			if (node_get(r, beyond[k]))
				return fault_set(
					&c->fault, 501, "NotImplemented",
					"the emulator does not carry out the %s of '%s' "
					"(template line %u); remove it to go on locally",
					beyond[k], resources->map.v[i].key->scalar.text,
					node_find(r, beyond[k])->key->pos.line);
		for (size_t k = 0; k < ARRAY_SIZE(policies); k++)
			if (str_eq(node_text(node_get(r, policies[k])), "Snapshot"))
				return fault_set(
					&c->fault, 400, "ValidationError",
					"Template error: resource type %s does not "
					"support the %s Snapshot",
					str_or(node_text(node_get(r, "Type")), ""),
					policies[k]);
	}
	return 0;
}

/* A false condition may leave no resource at all, which is fine. */
int engine_fold(struct engine_template *t, struct call *c, struct engine_scope *s)
{
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;

	s->cfn.complete = false;
	if (cfn_eval_template(&t->folded, &t->arena, t->source, &s->cfn, &diags) < 0)
		return refuse(c, "Template format error", &diags);
	if (s->missing.n)
		return fault_set(&c->fault, 400, "ValidationError",
				 "No export named %s found.", s->missing.v[0]);
	if (has_transform(t->source) && check(c, t->folded) < 0)
		return -1;
	return engine_check_types(c, t->folded) < 0 ? -1 : check_attributes(c, t->folded);
}

static bool has_capability(const cJSON *given, const char *name)
{
	json_each (g, given)
		if (cJSON_IsString(g) && str_eq(g->valuestring, name))
			return true;
	return false;
}

int engine_capabilities(struct call *c, const struct engine_template *t,
			const cJSON *given)
{
	const char *need = cfn_capability(t->folded);
	bool direct = !str_eq(c->action, "CreateChangeSet");

	if (need && (has_capability(given, need) ||
		     (str_eq(need, "CAPABILITY_IAM") &&
		      has_capability(given, "CAPABILITY_NAMED_IAM"))))
		need = NULL;
	if (!need && direct && has_transform(t->source) &&
	    !has_capability(given, AUTO_EXPAND))
		need = AUTO_EXPAND;
	if (!need)
		return 0;
	return fault_set(&c->fault, 400, "InsufficientCapabilitiesException",
			 "Requires capabilities : [%s]", need);
}

static bool is_at(const struct node *n, const struct diag *d)
{
	return n->pos.line == d->pos.line && n->pos.column == d->pos.column;
}

/*
 * Append "/Properties/Name" of what the finding is about; false when nothing is.
 * A map begins where its first key does, so that the message decides.
 */
static bool put_path(struct buf *path, const struct node *n, const struct diag *d)
{
	size_t len = path->len;

	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++) {
		const struct node *key = n->map.v[i].key;

		buf_printf(path, "/%s", key->scalar.text);
		if ((is_at(key, d) && strstr(d->message, key->scalar.text)) ||
		    put_path(path, n->map.v[i].value, d))
			return true;
		buf_truncate(path, len);
	}
	for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->seq.n; i++) {
		buf_printf(path, "/%zu", i);
		if (put_path(path, n->seq.v[i], d))
			return true;
		buf_truncate(path, len);
	}
	return is_at(n, d);
}

static void put_finding(cJSON *findings, const struct node_pair *resource,
			const char *type, struct diag *d)
{
	struct diags one = { .v = d, .n = 1 };
	FP_AUTO(buf_release) struct buf reason = BUF_INIT;
	FP_AUTO(buf_release) struct buf path = BUF_INIT;
	cJSON *finding = json_push_object(findings);

	add_findings(&reason, &one);
	buf_printf(&path, "/Resources/%s", resource->key->scalar.text);
	(void)put_path(&path, resource->value, d);
	json_set_str(finding, "Path", buf_str(&path));
	json_set_str(finding, "Reason", buf_str(&reason));
	json_set_str(finding, "LogicalResourceId", resource->key->scalar.text);
	json_set_str(finding, "ResourceType", type);
}

cJSON *engine_check_properties(const struct engine_template *t)
{
	const struct node *resources = node_get(t->folded, "Resources");
	cJSON *findings = cJSON_CreateArray();

	for (size_t i = 0; resources && i < resources->map.n; i++) {
		FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
		const struct node_pair *r = &resources->map.v[i];
		const char *type = str_or(node_text(node_get(r->value, "Type")), "");

		if (cfn_type_known(type))
			cfn_check_properties(&diags, type, r->value);
		for (size_t k = 0; k < diags.n; k++)
			put_finding(findings, r, type, &diags.v[k]);
	}
	return findings;
}
