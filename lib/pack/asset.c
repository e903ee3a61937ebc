#include "pack/asset.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "pack/cache.h"
#include "pack/elf.h"
#include "pack/zip.h"

/* Lambda's limit for what a function's zip unpacks to. */
#define MAX_UNPACKED ((int64_t)250 << 20)

/* The files of a zip, with what they point to. */
struct contents {
	struct pack_entry *v;
	size_t n;
	struct strs names;
	char *script;
	struct elf_closure libraries;
};

static void contents_release(struct contents *c)
{
	free(c->v);
	free(c->script);
	strs_release(&c->names);
	elf_closure_release(&c->libraries);
}

static struct pack_entry *add(struct contents *c, char *name, unsigned mode)
{
	struct pack_entry *e;

	c->v = xrealloc(c->v, (c->n + 1) * sizeof(*c->v));
	e = &c->v[c->n++];
	*e = (struct pack_entry){ .name = name, .mode = mode };
	strs_add_owned(&c->names, name);
	return e;
}

static void add_file(struct contents *c, const char *folder, const char *name,
		     const char *path, unsigned mode)
{
	add(c, fs_join(folder, name), mode)->path = path;
}

/*
 * The program is started through the loader that it was linked with, because
 * the libc of the place where it runs may be older.
 */
static void collect_dynamic(struct contents *c, const char *bootstrap)
{
	const char *loader = fs_basename(c->libraries.interpreter);
	struct pack_entry *script = add(c, xstrdup("bootstrap"), 0755);

	c->script = xasprintf("#!/bin/sh\n"
			      "exec \"$LAMBDA_TASK_ROOT/lib/%s\" --library-path "
			      "\"$LAMBDA_TASK_ROOT/lib\" \\\n"
			      "\t\"$LAMBDA_TASK_ROOT/bin/processor\"\n",
			      loader);
	script->data = c->script;
	script->size = strlen(c->script);
	add_file(c, "bin", "processor", bootstrap, 0755);
	for (size_t i = 0; i < c->libraries.names.n; i++)
		add_file(c, "lib", c->libraries.names.v[i], c->libraries.paths.v[i],
			 0755);
	if (!strs_has(&c->libraries.names, loader))
		add_file(c, "lib", loader, c->libraries.interpreter, 0755);
}

static int check_size(const struct contents *c, struct fp_error *err)
{
	int64_t sum = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct stat st;

		if (c->v[i].path && stat(c->v[i].path, &st) < 0)
			return fp_fail_errno(err, "cannot read '%s'", c->v[i].path);
		sum += c->v[i].path ? (int64_t)st.st_size : (int64_t)c->v[i].size;
	}
	if (sum > MAX_UNPACKED)
		return fp_fail(
			err, FP_ERR_LIMIT,
			"the program and its libraries are %lld MB; Lambda takes 250",
			(long long)(sum >> 20));
	return 0;
}

static int collect(struct contents *c, const char *bootstrap, const char *arch,
		   struct fp_error *err)
{
	if (elf_closure_of(&c->libraries, bootstrap, err) < 0)
		return -1;
	if (!str_eq(c->libraries.arch, arch))
		return fp_fail(err, FP_ERR_BUILD,
			       "'%s' is for %s, but the manifest asks for %s", bootstrap,
			       c->libraries.arch, arch);
	if (c->libraries.interpreter)
		collect_dynamic(c, bootstrap);
	else
		add(c, xstrdup("bootstrap"), 0755)->path = bootstrap;
	return check_size(c, err);
}

/* Compress, and put the zip where its digest says. */
static int make_zip(struct asset *out, const struct contents *c, const char *fingerprint,
		    const char *folder, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	FP_AUTO(freep) char *path = NULL;

	if (pack_zip(&zip, c->v, c->n, err) < 0)
		return -1;
	sha256_hex(out->sha256, zip.data, zip.len);
	out->size = (int64_t)zip.len;
	path = xasprintf("%s/%s.zip", folder, out->sha256);
	if (fs_mkdirs(folder, err) < 0 ||
	    fs_write_atomic(path, zip.data, zip.len, 0644, err) < 0)
		return -1;
	return cache_remember(folder, fingerprint, out->sha256, err);
}

int asset_build(struct asset *out, const char *bootstrap, const char *arch,
		const char *folder, struct fp_error *err)
{
	FP_AUTO(contents_release) struct contents c = { 0 };
	char fingerprint[SHA256_HEX_LEN];

	memset(out, 0, sizeof(*out));
	if (collect(&c, bootstrap, arch, err) < 0 ||
	    cache_fingerprint(fingerprint, c.v, c.n, err) < 0)
		return -1;
	out->unchanged = cache_find(folder, fingerprint, out->sha256, &out->size);
	if (!out->unchanged && make_zip(out, &c, fingerprint, folder, err) < 0)
		return -1;
	out->path = xasprintf("%s/%s.zip", folder, out->sha256);
	out->key = xasprintf("processors/%s.zip", out->sha256);
	return 0;
}

void asset_release(struct asset *a)
{
	free(a->path);
	free(a->key);
	memset(a, 0, sizeof(*a));
}
