#include "code.h"

#include "base/fs.h"
#include "code_make.h"

#define BUILD_FOLDER ".fpctl/build"

static char *beside_program(const char *arch, const char *pattern)
{
	FP_AUTO(freep) char *folder = fs_program_dir();
	FP_AUTO(freep) char *inner = xasprintf("%s/%s/bootstrap", pattern, arch);

	return fs_join(folder, inner);
}

/* Where it was built, or where `make install` puts it; NULL when in neither. */
static char *find_bundled(const char *arch)
{
	static const char *const places[] = { "lambda", "../libexec/fpctl" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		FP_AUTO(freep) char *path = beside_program(arch, places[i]);

		if (fs_exists(path))
			return xstrdup(path);
	}
	return NULL;
}

/*
 * The bundled processor's program: FPCTL_PROCESSOR, or beside fpctl where it was
 * built or installed. NULL: there is none.
 */
static char *bundled(const char *arch, struct fp_error *err)
{
	const char *given = getenv("FPCTL_PROCESSOR");
	const char *other = str_eq(arch, "arm64") ? "x86_64" : "arm64";
	FP_AUTO(freep) char *there = NULL;
	char *path;

	if (given && *given) {
		if (fs_exists(given))
			return xstrdup(given);
		(void)fp_fail(err, FP_ERR_BUILD,
			      "FPCTL_PROCESSOR names '%s', which does not exist", given);
		return NULL;
	}
	path = find_bundled(arch);
	if (path)
		return path;
	there = find_bundled(other);
	if (there)
		(void)fp_fail(err, FP_ERR_BUILD,
			      "this fpctl has the bundled processor for %s only: set "
			      "`arch: %s`, "
			      "or FPCTL_PROCESSOR to a bootstrap for %s",
			      other, other, arch);
	else
		(void)fp_fail(
			err, FP_ERR_BUILD,
			"the bundled processor is not installed: run `make`, or set "
			"FPCTL_PROCESSOR to its bootstrap for %s",
			arch);
	return NULL;
}

/* A folder of the user's: what its Makefile makes, or a bootstrap that is there. */
static char *custom_bootstrap(struct app *app, const struct manifest_processor *p,
			      struct fp_error *err)
{
	FP_AUTO(freep)
	char *folder = p->source[0] == '/' ? xstrdup(p->source)
					   : fs_join(app->manifest.folder, p->source);
	FP_AUTO(freep) char *makefile = fs_join(folder, "Makefile");
	FP_AUTO(freep) char *bootstrap = fs_join(folder, "bootstrap");

	if (!fs_is_dir(folder)) {
		(void)fp_fail_at(err, FP_ERR_BUILD, p->pos,
				 "its source '%s' is no folder", p->source);
		return NULL;
	}
	if (fs_exists(makefile) && code_make(app, folder, p->arch, err) < 0)
		return NULL;
	if (!fs_exists(bootstrap)) {
		(void)fp_fail_at(
			err, FP_ERR_BUILD, p->pos,
			"there is no '%s/bootstrap'%s: put the processor's program there",
			p->source, fs_exists(makefile) ? ", also not after `make`" : "");
		return NULL;
	}
	return xstrdup(bootstrap);
}

static int build_one(struct app *app, const struct manifest_processor *p,
		     const char *folder, struct asset *out, struct fp_error *err)
{
	FP_AUTO(freep)
	char *bootstrap = str_eq(p->source, "bundled") ? bundled(p->arch, err)
						       : custom_bootstrap(app, p, err);

	if (!bootstrap)
		return -1;
	return asset_build(out, bootstrap, p->arch, folder, err);
}

int code_build(struct app *app, struct deploy_code **out, size_t *n, struct fp_error *err)
{
	const struct manifest *m = &app->manifest;
	FP_AUTO(freep) char *folder = fs_join(m->folder, BUILD_FOLDER);
	struct deploy_code *code = xcalloc(m->nprocessors + 1, sizeof(*code));

	for (size_t i = 0; i < m->nprocessors; i++) {
		code[i].processor = m->processors[i].name;
		if (build_one(app, &m->processors[i], folder, &code[i].asset, err) < 0) {
			code_release(code, i);
			return fp_wrap(err, "cannot build the processor '%s'",
				       m->processors[i].name);
		}
	}
	*out = code;
	*n = m->nprocessors;
	return 0;
}

void code_release(struct deploy_code *code, size_t n)
{
	for (size_t i = 0; i < n; i++)
		asset_release(&code[i].asset);
	free(code);
}
