#include "render/derive.h"
#include "render/internal.h"

void pipeline_render(struct rendering *r, const struct render_input *in,
		     struct diags *diags)
{
	const struct manifest *m = in->manifest;

	render_template(r, in, "pipeline",
			arena_printf(&r->arena, "%s-pipeline", m->project),
			derive_manifest(&r->arena, m), diags);
}
