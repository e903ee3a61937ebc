/*
 * A manifest from outside: its findings can always be shown, and one without
 * findings can be rendered, as each of its environments that has none either; only
 * the templates' quotas may speak against it.
 */
#include "manifest/manifest.h"
#include "render/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The user's own templates are not there, and quotas are for large ones. */
static bool must_render(const struct manifest *m)
{
	for (size_t i = 0; i < m->nprocessors; i++)
		if (m->processors[i].secrets && m->processors[i].secrets->map.n > 10)
			return false;
	return !m->nstacks && m->nbuckets < 50 && m->nprocessors < 20 && m->ntopics < 20;
}

static void render(const struct manifest *m)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(rendering_release) struct rendering r = { 0 };
	const struct render_input in = { .manifest = m };

	if (render_manifest(&r, &in, &d) == 0 || !must_render(m))
		return;
	diags_format(&text, &d, NULL, 0, 20);
	fp_die("a good manifest was not rendered: %s", buf_str(&text));
}

static void select_all(const struct manifest *m)
{
	FP_AUTO(diags_release) struct diags all = DIAGS_INIT;
	size_t wrong = 0;

	for (size_t i = 0; i < m->nenvironments; i++) {
		FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
		FP_AUTO(manifest_release) struct manifest e = { 0 };

		if (manifest_select(&e, m, m->environments[i].name, &d) == 0)
			continue;
		if (!d.n)
			fp_die("an environment was refused without a finding");
		wrong++;
	}
	if ((manifest_check_all(m, &all) < 0) != (wrong > 0))
		fp_die("checking all environments says something else than each");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m = { 0 };

	if (manifest_parse(&m, (const char *)data, n, "fpctl.yaml", NULL, &d) < 0) {
		if (!d.n)
			fp_die("a manifest was refused without a finding");
		diags_format(&text, &d, (const char *)data, n, 20);
		return 0;
	}
	select_all(&m);
	/* The pipeline needs every environment to be right. */
	if (!m.pipeline || manifest_check_all(&m, &d) == 0)
		render(&m);
	return 0;
}
