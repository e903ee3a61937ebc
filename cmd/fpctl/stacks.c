#include "stacks.h"

#include "base/json.h"

int stacks_context(struct deploy_context *d, struct app *app, struct fp_error *err)
{
	if (app_rendering(app, err) < 0 || app_aws(app, err) < 0)
		return -1;
	*d = (struct deploy_context){
		.aws = app->aws,
		.manifest = &app->manifest,
		.rendering = &app->rendering,
		.timeout_ms = app->global.timeout_ms,
	};
	return 0;
}

int stacks_observe(struct live *live, struct deploy_context *d, struct rendering *all,
		   struct arena *arena, struct app *app, struct fp_error *err)
{
	if (stacks_context(d, app, err) < 0)
		return -1;
	*all = rendering_with_empty(arena, &app->rendering);
	d->rendering = all;
	return deploy_observe(live, d, err);
}

void stacks_summary_json(cJSON *out, const struct deploy_summary *sum, int64_t took_ms)
{
	json_set_int(out, "created", (int64_t)sum->created);
	json_set_int(out, "updated", (int64_t)sum->updated);
	json_set_int(out, "unchanged", (int64_t)sum->unchanged);
	json_set_int(out, "deleted", (int64_t)sum->deleted);
	json_set_int(out, "failed", (int64_t)sum->failed);
	json_set_int(out, "skipped", (int64_t)sum->skipped);
	json_set_int(out, "uploaded", (int64_t)sum->uploaded);
	json_set_int(out, "requests", sum->requests);
	json_set_int(out, "duration_ms", took_ms);
}
