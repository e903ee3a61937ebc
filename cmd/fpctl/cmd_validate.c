#include "base/fs.h"
#include "base/json.h"
#include "cfn/template.h"
#include "findings.h"

/* What there is, in one environment or in all. */
struct counts {
	const char *environment; /* of the manifest; NULL: the project has none */
	size_t stacks, buckets;
};

struct validation {
	struct app *app;
	struct fp_error *err;
	struct diags diags;
	struct counts *environments;
	size_t nenvironments;
};

static int check_rendering(struct validation *v, const struct manifest *m,
			   const char *environment)
{
	struct rendering r = { 0 };
	struct counts *c = &v->environments[v->nenvironments];

	if (app_render(&r, m, NULL, &v->diags, v->err) < 0)
		return -1;
	*c = (struct counts){ environment, r.nstacks, m->nbuckets };
	v->nenvironments++;
	rendering_release(&r);
	return 0;
}

static int check_environment(struct validation *v, const struct manifest *m,
			     const char *name)
{
	struct manifest other;
	int rc;

	if (str_eq(name, m->environment))
		return check_rendering(v, m, name);
	if (manifest_select(&other, m, name, &v->diags) < 0)
		return -1;
	rc = check_rendering(v, &other, name);
	manifest_release(&other);
	return rc;
}

/* The one that -e names, or all; each is rendered. False when there are findings. */
static bool check_environments(struct validation *v, const struct manifest *m)
{
	bool ok = true;

	v->environments = xcalloc(m->nenvironments + 1, sizeof(*v->environments));
	if (v->app->global.environment || !m->nenvironments)
		return check_rendering(v, m, m->environment) == 0;
	if (manifest_check_all(m, &v->diags) < 0)
		return false;
	for (size_t i = 0; i < m->nenvironments; i++)
		ok &= check_environment(v, m, m->environments[i].name) == 0;
	return ok;
}

static void print_json(struct validation *v)
{
	FP_AUTO(json_freep) cJSON *root = cJSON_CreateObject();
	cJSON *list;

	findings_sort(&v->diags);
	json_set_bool(root, "valid", v->diags.n == 0);
	json_set(root, "findings", findings_json(&v->diags));
	list = v->app->nargs ? NULL : json_set_array(root, "environments");
	for (size_t i = 0; i < v->nenvironments; i++) {
		cJSON *j = json_push_object(list);

		json_set_str(j, "name", v->environments[i].environment);
		json_set_int(j, "stacks", (int64_t)v->environments[i].stacks);
		json_set_int(j, "buckets", (int64_t)v->environments[i].buckets);
	}
	app_print_json(v->app, root);
}

/* With --json the findings are in the result. */
static int finish(struct validation *v, const struct findings_source *known,
		  enum fp_errc code, const char *what, struct fp_error *err)
{
	if (v->app->global.json)
		print_json(v);
	if (!v->diags.n)
		return 0;
	if (v->app->global.json)
		return fp_fail(err, code, "%s is not valid", what);
	return findings_fail(v->app, &v->diags, known, code, what, err);
}

static void put_count(struct buf *out, size_t n, const char *what)
{
	buf_printf(out, "%s%zu %s%s", out->len ? ", " : "", n, what, n == 1 ? "" : "s");
}

static void print_text(struct validation *v, const char *path)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	size_t stacks = 0, buckets = 0;

	for (size_t i = 0; i < v->nenvironments; i++) {
		stacks += v->environments[i].stacks;
		buckets += v->environments[i].buckets;
	}
	if (v->environments[0].environment)
		put_count(&text, v->nenvironments, "environment");
	put_count(&text, stacks, "stack");
	put_count(&text, buckets, "bucket");
	fprintf(v->app->ui.out, "%s is valid: %s\n", path, buf_str(&text));
}

static int validate_manifest(struct validation *v, struct fp_error *err)
{
	const char *path = str_or(v->app->global.file, "fpctl.yaml");
	struct findings_source source = { .file = path };
	FP_AUTO(freep) char *text = NULL;
	FP_AUTO(manifest_release) struct manifest m;
	bool ok = false;

	if (manifest_load(&m, path, v->app->global.environment, &v->diags, &text, err) ==
	    0)
		ok = check_environments(v, &m);
	if (!ok && !v->diags.n)
		return -1;
	if (ok && !v->app->global.json)
		print_text(v, path);
	source.text = text;
	return finish(v, &source, FP_ERR_MANIFEST, path, err);
}

static void check_template(struct validation *v, const char *path)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct fp_error why = { 0 };

	if (fs_read(&text, path, CFN_MAX_URL_BODY, &why) < 0) {
		diags_add(&v->diags, (struct fp_pos){ .file = path }, NULL, "%s",
			  why.message);
		return;
	}
	if (cfn_check_text(buf_str(&text), text.len, path, &v->diags) == 0 &&
	    !v->app->global.json)
		fprintf(v->app->ui.out, "%s is a valid template\n", path);
}

static bool is_template_name(const char *name)
{
	return str_ends(name, ".yaml") || str_ends(name, ".yml") ||
	       str_ends(name, ".json") || str_ends(name, ".template");
}

/* A file, or the templates of a folder. */
static int add_templates(struct strs *files, const char *path, struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	size_t before = files->n;

	if (!fs_is_dir(path)) {
		strs_add(files, path);
		return 0;
	}
	if (fs_list(&names, path, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (is_template_name(names.v[i]))
			strs_add_owned(files, fs_join(path, names.v[i]));
	if (files->n > before)
		return 0;
	return fp_fail(err, FP_ERR_NOT_FOUND,
		       "there is no template (.yaml, .yml, .json, .template) in '%s'",
		       path);
}

static int validate_templates(struct validation *v, struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs files = STRS_INIT;
	for (size_t i = 0; i < v->app->nargs; i++)
		if (add_templates(&files, v->app->args[i], err) < 0)
			return -1;
	for (size_t i = 0; i < files.n; i++)
		check_template(v, files.v[i]);
	return finish(v, NULL, FP_ERR_TEMPLATE,
		      v->app->nargs == 1 ? v->app->args[0] : "the list of templates",
		      err);
}

static int validate_run(struct app *app, const void *args, struct fp_error *err)
{
	struct validation v = { .app = app, .err = err };
	int rc;

	(void)args;
	rc = app->nargs ? validate_templates(&v, err) : validate_manifest(&v, err);
	diags_release(&v.diags);
	free(v.environments);
	return rc;
}

const struct command cmd_validate = {
	.name = "validate",
	.summary = "check the manifest, or CloudFormation templates",
	.args = "[TEMPLATE...]",
	.max_args = SIZE_MAX,
	.details =
		"Without arguments the manifest is checked with each of its environments "
		"(-e NAME: with that one alone), and the templates that they become are "
		"checked against what CloudFormation and the services accept.\n"
		"With files, or folders of files, these are checked as CloudFormation "
		"templates, in YAML or JSON: the properties of the types that "
		"file-processing systems have, and of every other type the rest of "
		"it.\n"
		"Needs no AWS; every finding comes out in one run, and the exit status "
		"is then 1.",
	.examples = "fpctl validate\n"
		    "fpctl validate -e prod --json\n"
		    "fpctl validate stacks/reports.yaml out/",
	.run = validate_run,
};
