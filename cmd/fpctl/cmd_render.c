#include "base/fs.h"
#include "command.h"
#include "yaml/emit.h"

struct render_opts {
	const char *output, *stack;
};

static const struct opt opts[] = {
	{ 'o', "output", OPT_STRING, offsetof(struct render_opts, output),
	  "write one file a stack into this folder", "DIR" },
	{ 's', "stack", OPT_STRING, offsetof(struct render_opts, stack),
	  "only this stack", "NAME" },
};

static int unknown_stack(const struct rendering *r, const char *name,
			 struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf known = BUF_INIT;
	const char **names = xcalloc(r->nstacks + 1, sizeof(*names));
	const char *near;

	for (size_t i = 0; i < r->nstacks; i++) {
		names[i] = r->stacks[i].name;
		buf_printf(&known, "%s%s", i ? ", " : "", names[i]);
	}
	near = str_nearest(name, names, r->nstacks);
	free(names);
	if (near)
		return fp_fail(err, FP_ERR_NOT_FOUND,
			       "there is no stack '%s': did you mean '%s'?", name, near);
	return fp_fail(err, FP_ERR_NOT_FOUND, "there is no stack '%s': there are %s",
		       name, buf_str(&known));
}

static void append_body(struct buf *out, const struct rendered_stack *s, bool json)
{
	if (!json) {
		buf_add(out, s->body, s->body_len);
		return;
	}
	node_emit_json(out, s->template, 2);
	if (out->len && out->data[out->len - 1] != '\n')
		buf_putc(out, '\n');
}

static int write_file(struct app *app, const struct rendered_stack *s, const char *folder,
		      struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	FP_AUTO(freep)
	char *name = xasprintf("%s.%s", s->name, app->global.json ? "json" : "yaml");
	FP_AUTO(freep) char *path = fs_join(folder, name);

	append_body(&body, s, app->global.json);
	if (fs_write_atomic(path, body.data, body.len, 0644, err) < 0)
		return -1;
	ui_note(&app->ui, "wrote %s", path);
	return 0;
}

/* What a stack is called, what it waits for, and its template. */
static struct node *describe(struct arena *a, const struct rendered_stack *s)
{
	struct node *it = node_mapping(a), *needs = node_sequence(a);

	for (size_t i = 0; i < s->nneeds; i++)
		node_push(a, needs, node_string(a, s->needs[i]));
	node_put(a, it, "stack_name", node_string(a, s->stack_name));
	node_put(a, it, "needs", needs);
	node_put(a, it, "template", (struct node *)s->template);
	return it;
}

/* One object: {"stacks": {"sns": {"stack_name", "needs", "template"}}}. */
static void print_object(FILE *to, const struct rendering *r,
			 const struct rendered_stack *only)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct node *root = node_mapping(&a), *stacks = node_mapping(&a);

	for (size_t i = 0; i < r->nstacks; i++)
		if (!only || only == &r->stacks[i])
			node_put(&a, stacks, r->stacks[i].name,
				 describe(&a, &r->stacks[i]));
	node_put(&a, root, "stacks", stacks);
	node_emit_json(&out, root, 2);
	if (out.data[out.len - 1] != '\n')
		buf_putc(&out, '\n');
	(void)fwrite(out.data, 1, out.len, to);
	arena_release(&a);
}

/* YAML documents in the order of deployment; one alone is the bare template. */
static void print_stream(FILE *out, const struct rendering *r,
			 const struct rendered_stack *only)
{
	for (size_t i = 0; i < r->nstacks; i++) {
		const struct rendered_stack *s = &r->stacks[i];

		if (only && only != s)
			continue;
		if (!only)
			(void)fprintf(out, "---\n# %s.yaml: stack %s\n", s->name,
				      s->stack_name);
		(void)fwrite(s->body, 1, s->body_len, out);
	}
}

static int render_run(struct app *app, const void *args, struct fp_error *err)
{
	const struct render_opts *o = args;
	const struct rendered_stack *only = NULL;
	const struct rendering *r = &app->rendering;
	struct fp_error unwritten = { 0 };

	if (app_rendering(app, err) < 0)
		return -1;
	/* A checkout that is read-only can be rendered nevertheless. */
	if (app_write_lock(app, &unwritten) < 0)
		ui_note(&app->ui, "where the buckets lie is not noted: %s",
			unwritten.message);
	if (o->stack) {
		only = rendering_find(r, o->stack);
		if (!only)
			return unknown_stack(r, o->stack, err);
	}
	if (!o->output) {
		if (app->global.json)
			print_object(app->ui.out, r, only);
		else
			print_stream(app->ui.out, r, only);
		return 0;
	}
	if (fs_mkdirs(o->output, err) < 0)
		return -1;
	for (size_t i = 0; i < r->nstacks; i++)
		if ((!only || only == &r->stacks[i]) &&
		    write_file(app, &r->stacks[i], o->output, err) < 0)
			return -1;
	return 0;
}

const struct command cmd_render = {
	.name = "render",
	.summary = "write the CloudFormation templates that the manifest becomes",
	.details =
		"Without -o the templates go to stdout, as YAML documents in the order "
		"in which they are deployed; with --json as one object. Needs no AWS.",
	.examples = "fpctl render\n"
		    "fpctl render --stack s3\n"
		    "fpctl render -o out --json",
	.needs = NEED_MANIFEST,
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct render_opts),
	.run = render_run,
};
