/*
 * A manifest from outside: its findings can always be shown, and one without
 * findings can be rendered; only the templates' quotas may speak against it.
 */
#include "manifest/manifest.h"
#include "render/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m = { 0 };
	FP_AUTO(rendering_release) struct rendering r = { 0 };
	const struct render_input in = { .manifest = &m };

	if (manifest_parse(&m, (const char *)data, n, "fpctl.yaml", NULL, &d) < 0) {
		if (!d.n)
			fp_die("a manifest was refused without a finding");
		diags_format(&text, &d, (const char *)data, n, 20);
		return 0;
	}
	if (render_manifest(&r, &in, &d) < 0 && m.nbuckets < 50 && m.nprocessors < 20) {
		diags_format(&text, &d, NULL, 0, 20);
		fp_die("a good manifest was not rendered: %s", buf_str(&text));
	}
	return 0;
}
