#include "cfn/template.h"

#include "cfn/checker.h"
#include "cfn/eval.h"
#include "yaml/load.h"

/* A section that is a map, or NULL (after a finding when it is something else). */
static const struct node *section_map(const struct checker *c, const char *name)
{
	struct step at = { NULL, name, 0 };

	return check_map(c, &at, node_get(c->tmpl, name));
}

static bool has_transform(const struct node *transform, bool own)
{
	static const char name[] = "AWS::LanguageExtensions";

	if (!transform)
		return false;
	for (size_t i = 0; transform->kind == NODE_SEQUENCE && i < transform->seq.n; i++)
		if (node_is(transform->seq.v[i], name) == own)
			return true;
	return transform->kind != NODE_SEQUENCE && node_is(transform, name) == own;
}

static void check_quota(const struct checker *c, const struct node *section,
			const char *what, size_t most)
{
	if (section && section->map.n > most)
		diags_add(c->diags, section->pos, "spread them over several stacks",
			  "a stack holds at most %zu %s; these are %zu", most, what,
			  section->map.n);
}

/* What is in a module, others may name: !Ref Module.Bucket, !GetAtt ModuleBucket.Arn. */
static bool has_module(const struct node *resources)
{
	for (size_t i = 0; resources && i < resources->map.n; i++) {
		const struct node *type = node_get(resources->map.v[i].value, "Type");

		if (node_text(type) && str_ends(node_text(type), "::MODULE"))
			return true;
	}
	return false;
}

static bool open_sections(struct checker *c)
{
	const struct node *tmpl = c->tmpl;

	if (tmpl->kind != NODE_MAPPING || tmpl->tag) {
		diags_add(c->diags, tmpl->pos, "it begins with 'Resources:'",
			  "a template is a map, not a %s", node_kind_name(tmpl));
		return false;
	}
	c->parameters = section_map(c, "Parameters");
	c->resources = section_map(c, "Resources");
	c->conditions = section_map(c, "Conditions");
	c->mappings = section_map(c, "Mappings");
	c->outputs = section_map(c, "Outputs");
	c->open = check_has_macro(tmpl) || check_has_macro(c->parameters) ||
		  check_has_macro(c->resources) || check_has_macro(c->conditions) ||
		  check_has_macro(c->mappings) || has_module(c->resources) ||
		  has_transform(node_get(tmpl, "Transform"), false);
	c->extended = has_transform(node_get(tmpl, "Transform"), true);
	return true;
}

static int check(struct checker *c)
{
	size_t before = c->diags->n;

	if (!open_sections(c))
		return -1;
	check_top(c);
	check_parameters(c);
	check_mappings(c);
	check_rules(c);
	check_resources(c);
	check_outputs(c);
	check_references(c);
	check_quota(c, c->parameters, "parameters", CFN_MAX_PARAMETERS);
	check_quota(c, c->mappings, "mappings", CFN_MAX_MAPPINGS);
	check_quota(c, c->resources, "resources", CFN_MAX_RESOURCES);
	check_quota(c, c->outputs, "outputs", CFN_MAX_OUTPUTS);
	return c->diags->n > before ? -1 : 0;
}

int cfn_template_check(const struct node *tmpl, struct diags *diags)
{
	struct checker c = { .diags = diags, .tmpl = tmpl, .properties = true };

	return check(&c);
}

int cfn_template_check_structure(const struct node *tmpl, struct diags *diags)
{
	struct checker c = { .diags = diags, .tmpl = tmpl };

	return check(&c);
}

/* Take over what is found at places of which nothing is said yet. */
static void add_new(struct diags *diags, const struct diags *more)
{
	size_t before = diags->n;

	for (size_t i = 0; i < more->n; i++) {
		const struct diag *d = &more->v[i];
		bool known = false;

		for (size_t k = 0; k < before && !known; k++)
			known = diags->v[k].pos.line == d->pos.line &&
				diags->v[k].pos.column == d->pos.column;
		if (!known)
			diags_add(diags, d->pos, d->hint, "%s", d->message);
	}
}

int cfn_check_source(const struct node *tmpl, struct diags *diags)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(diags_release) struct diags found = DIAGS_INIT, more = DIAGS_INIT;
	struct checker c = {
		.diags = &found, .tmpl = tmpl, .source = true, .properties = true
	};
	struct cfn_scope scope = { .open = true };
	struct node *folded;
	int rc = check(&c);

	if (cfn_eval_template(&folded, &arena, tmpl, &scope, &more) == 0 && rc == 0 &&
	    node_get(folded, "Resources")) {
		c.diags = &more;
		c.tmpl = folded;
		c.folded = true;
		c.complete = !check_names_manifest(&c, folded);
		(void)check(&c);
	}
	add_new(&found, &more);
	for (size_t i = 0; i < found.n; i++)
		diags_add(diags, found.v[i].pos, found.v[i].hint, "%s",
			  found.v[i].message);
	return found.n ? -1 : 0;
}

int cfn_check_text(const char *text, size_t n, const char *file, struct diags *diags)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct fp_pos start = { file, 1, 1 };
	size_t before = diags->n;
	struct node *tmpl;

	if (n > CFN_MAX_URL_BODY) {
		diags_add(diags, start, NULL,
			  "a template holds at most %d bytes; these are %zu",
			  CFN_MAX_URL_BODY, n);
		return -1;
	}
	if (node_load(&tmpl, &arena, text, n, file, NULL, diags) < 0 && !tmpl)
		return -1;
	return cfn_check_source(tmpl, diags) < 0 || diags->n > before ? -1 : 0;
}
