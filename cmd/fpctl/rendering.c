/*
 * Rendering with what stands beside the manifest: templates of the project's own, and
 * where its buckets lie already.
 */
#include "app.h"

#include "base/fs.h"
#include "findings.h"
#include "lock.h"

#define TEMPLATE_MAX (4u << 20)

/* The input of a rendering, and what it borrows. */
struct inputs {
	struct render_input in;
	struct render_source *sources;
	size_t room;
	struct strs texts; /* of the sources, names and paths too */
	struct spread placed;
};

static void inputs_release(struct inputs *i)
{
	free(i->sources);
	strs_release(&i->texts);
	spread_release(&i->placed);
}

char *app_beside(const struct manifest *m, const char *path)
{
	if (path[0] == '/' || str_eq(m->folder, "."))
		return xstrdup(path);
	return fs_join(m->folder, path);
}

static const char *keep(struct inputs *i, const char *text)
{
	strs_add(&i->texts, text);
	return i->texts.v[i->texts.n - 1];
}

/* A source without a text yet. */
static struct render_source *push_source(struct inputs *i, const char *name,
					 const char *environment)
{
	if (i->in.nsources == i->room) {
		i->room = 2 * i->room + 8;
		i->sources = xrealloc(i->sources, i->room * sizeof(*i->sources));
		i->in.sources = i->sources;
	}
	i->sources[i->in.nsources] = (struct render_source){
		.name = keep(i, name),
		.environment = environment ? keep(i, environment) : NULL,
	};
	return &i->sources[i->in.nsources++];
}

static int add_source(struct inputs *i, const char *name, const char *environment,
		      const char *path, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct render_source *s;

	if (fs_read(&text, path, TEMPLATE_MAX, err) < 0)
		return -1;
	s = push_source(i, name, environment);
	s->path = keep(i, path);
	s->n = text.len;
	strs_add_owned(&i->texts, buf_detach(&text));
	s->text = i->texts.v[i->texts.n - 1];
	return 0;
}

/* stacks/NAME.yaml beside the manifest stands in for the built-in template. */
static int add_overrides(struct inputs *i, const struct manifest *m, struct fp_error *err)
{
	const char *name;

	for (size_t k = 0; (name = render_builtin_name(k)); k++) {
		FP_AUTO(freep) char *file = xasprintf("stacks/%s.yaml", name);
		FP_AUTO(freep) char *path = app_beside(m, file);

		if (fs_exists(path) && add_source(i, name, NULL, path, err) < 0)
			return -1;
	}
	return 0;
}

static void add_stacks(struct inputs *i, const struct manifest *m, struct diags *diags)
{
	for (size_t k = 0; k < m->nstacks; k++) {
		const struct manifest_stack *s = &m->stacks[k];
		FP_AUTO(freep) char *path = app_beside(m, s->template);
		const struct node *given = node_get(
			node_get(node_get(m->root, "stacks"), s->name), "template");
		struct fp_error why = { 0 };

		if (add_source(i, s->name, m->environment, path, &why) == 0)
			continue;
		diags_add(diags, given ? given->pos : s->pos, NULL, "stack '%s': %s",
			  s->name, why.message);
		push_source(i, s->name, m->environment);
	}
}

/* With the pipeline, the others are rendered, too: their stacks may be other ones. */
static void add_stacks_of_others(struct inputs *i, const struct manifest *m,
				 struct diags *diags)
{
	for (size_t k = 1; m->pipeline && k < m->nenvironments; k++) {
		FP_AUTO(manifest_release) struct manifest other;

		if (manifest_select(&other, m, m->environments[k].name, diags) == 0)
			add_stacks(i, &other, diags);
	}
}

static int read_inputs(struct inputs *i, const struct manifest *m, struct diags *diags,
		       struct fp_error *err)
{
	*i = (struct inputs){ .in = { .manifest = m } };
	i->in.placed = &i->placed;
	if (add_overrides(i, m, err) < 0)
		return -1;
	add_stacks(i, m, diags);
	if (manifest_is_first(m))
		add_stacks_of_others(i, m, diags);
	return lock_read(&i->placed, m, diags, err);
}

int app_render(struct rendering *out, const struct manifest *m, const struct spread *live,
	       struct diags *diags, struct fp_error *err)
{
	FP_AUTO(inputs_release) struct inputs i;
	size_t before = diags->n;

	*out = (struct rendering){ 0 };
	if (read_inputs(&i, m, diags, err) < 0)
		return -1;
	if (live)
		spread_lay_over(&i.placed, live);
	/* What is wrong in the other templates comes out in the same run. */
	if (render_manifest(out, &i.in, diags) == 0 && diags->n == before)
		return 0;
	rendering_release(out);
	return -1;
}

/* Render anew into `app`, over what it has. */
static int render_into(struct app *app, const struct spread *live, struct fp_error *err)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	struct rendering fresh;

	if (app_render(&fresh, &app->manifest, live, &d, err) < 0) {
		rendering_release(&fresh);
		return d.n ? findings_fail(app, &d, NULL, FP_ERR_MANIFEST, "rendering",
					   err)
			   : -1;
	}
	if (app->has_rendering)
		rendering_release(&app->rendering);
	app->rendering = fresh;
	app->has_rendering = true;
	return 0;
}

int app_rendering(struct app *app, struct fp_error *err)
{
	if (app->has_rendering)
		return 0;
	if (app_manifest(app, err) < 0)
		return -1;
	return render_into(app, NULL, err);
}

int app_place(struct app *app, const struct spread *live, bool *changed,
	      struct fp_error *err)
{
	*changed = !spread_agrees(&app->rendering.spread, live);
	return *changed ? render_into(app, live, err) : 0;
}

int app_write_lock(struct app *app, struct fp_error *err)
{
	return lock_write(&app->manifest, &app->rendering, err);
}

static int lock_one(const struct manifest *m, struct diags *diags, struct fp_error *err)
{
	struct rendering r;
	int rc = app_render(&r, m, NULL, diags, err);

	if (rc == 0)
		rc = lock_write(m, &r, err);
	rendering_release(&r);
	return rc;
}

static int lock_environment(const struct manifest *m, const char *name,
			    struct diags *diags, struct fp_error *err)
{
	struct manifest other;
	int rc = manifest_select(&other, m, name, diags);

	if (rc == 0)
		rc = lock_one(&other, diags, err);
	manifest_release(&other);
	return rc;
}

int app_update_lock(const char *path, struct fp_error *err)
{
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(freep) char *source = NULL;
	int rc = manifest_load(&m, path, NULL, &d, &source, err);

	if (rc == 0 && lock_wanted(&m)) {
		if (!m.nenvironments)
			rc = lock_one(&m, &d, err);
		for (size_t i = 0; rc == 0 && i < m.nenvironments; i++)
			rc = lock_environment(&m, m.environments[i].name, &d, err);
	}
	if (rc < 0 && d.n)
		return fp_fail_at(err, FP_ERR_MANIFEST, d.v[0].pos, "%s", d.v[0].message);
	return rc;
}
