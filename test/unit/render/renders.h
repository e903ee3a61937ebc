/* Renders a test's manifest, and shows its findings when it does not. */
#ifndef FP_TEST_RENDERS_H
#define FP_TEST_RENDERS_H

#include "base/str.h"
#include "check_main.h"
#include "render/render.h"

/* The environment's stacks; NULL: the first one's. They own what they hold. */
static inline void render_text(struct rendering *r, const char *text,
			       const char *environment)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(buf_release) struct buf shown = BUF_INIT;
	const struct render_input in = { .manifest = &m };
	int rc = manifest_parse(&m, text, strlen(text), "f.yaml", environment, &d);

	if (rc == 0)
		rc = render_manifest(r, &in, &d);
	diags_format(&shown, &d, text, strlen(text), 20);
	ck_assert_msg(rc == 0, "%.3000s", buf_str(&shown));
}

/* That rendering the first environment fails, and what the findings say. */
static inline void refuses_text(const char *text, const char *want)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(buf_release) struct buf shown = BUF_INIT;
	const struct render_input in = { .manifest = &m };
	struct rendering r;
	int rc = manifest_parse(&m, text, strlen(text), "f.yaml", NULL, &d);

	diags_format(&shown, &d, text, strlen(text), 20);
	ck_assert_msg(rc == 0, "%.3000s", buf_str(&shown));
	ck_assert_int_lt(render_manifest(&r, &in, &d), 0);
	diags_format(&shown, &d, text, strlen(text), 20);
	ck_assert_msg(strstr(buf_str(&shown), want) != NULL, "%s", buf_str(&shown));
}

static inline const struct node *stack_node(const struct rendering *r, const char *stack,
					    const char *path)
{
	const struct rendered_stack *s = rendering_find(r, stack);

	return s ? node_at(s->template, path) : NULL;
}

#endif
