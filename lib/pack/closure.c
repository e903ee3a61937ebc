#include <limits.h>

#include "base/fs.h"
#include "base/map.h"
#include "pack/elf.h"
#include "pack/search.h"

#define MAX_LIBRARIES 1000
#define MAX_ELF_BYTES ((size_t)512 << 20)

/* A program or library that was read; `parent` is what asked for it first. */
struct object {
	char *path, *origin;
	struct elf_info info;
	const struct object *parent;
	struct object *next;
};

struct walk {
	struct object *first, *last; /* in the order of discovery */
	struct map found;	     /* soname -> path, owned by the object */
	struct strs system;
	const char *arch;
};

static void object_free(struct object *o)
{
	free(o->path);
	free(o->origin);
	elf_info_release(&o->info);
	free(o);
}

static void walk_release(struct walk *w)
{
	while (w->first) {
		struct object *o = w->first;

		w->first = o->next;
		object_free(o);
	}
	map_release(&w->found, NULL);
	strs_release(&w->system);
}

/* $ORIGIN is the folder of the file itself, not of a link to it. */
static char *origin_of(const char *path)
{
	char real[PATH_MAX];

	return fs_dirname(realpath(path, real) ? real : path);
}

static struct object *object_read(const char *path, const struct object *parent,
				  struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	struct object *o = xcalloc(1, sizeof(*o));

	if (fs_read(&bytes, path, MAX_ELF_BYTES, err) < 0 ||
	    elf_parse(&o->info, buf_str(&bytes), bytes.len, err) < 0) {
		free(o);
		return NULL;
	}
	o->path = xstrdup(path);
	o->origin = origin_of(path);
	o->parent = parent;
	return o;
}

static void walk_append(struct walk *w, struct object *o)
{
	if (w->last)
		w->last->next = o;
	else
		w->first = o;
	w->last = o;
}

/* The library in this folder, when it is one for the program's processor. */
static struct object *try_folder(const struct walk *w, const char *folder,
				 const char *name, const struct object *parent)
{
	FP_AUTO(freep) char *path = fs_join(folder, name);
	struct object *o = fs_exists(path) ? object_read(path, parent, NULL) : NULL;

	if (!o)
		return NULL;
	if (!str_eq(o->info.arch, w->arch)) {
		object_free(o);
		return NULL;
	}
	return o;
}

static struct object *try_list(const struct walk *w, const struct strs *folders,
			       const struct object *owner, const char *name,
			       const struct object *parent)
{
	for (size_t i = 0; i < folders->n; i++) {
		FP_AUTO(freep) char *folder = search_expand(folders->v[i], owner->origin);
		struct object *o = folder ? try_folder(w, folder, name, parent) : NULL;

		if (o)
			return o;
	}
	return NULL;
}

/* RPATH counts for what is loaded below, too, unless there is a RUNPATH. */
static struct object *search(const struct walk *w, const struct object *by,
			     const char *name)
{
	struct object *o = NULL;

	if (!by->info.runpath.n)
		for (const struct object *p = by; p && !o; p = p->parent)
			if (!p->info.runpath.n)
				o = try_list(w, &p->info.rpath, p, name, by);
	if (!o)
		o = try_list(w, &by->info.runpath, by, name, by);
	return o ? o : try_list(w, &w->system, by, name, by);
}

static int resolve(struct walk *w, const struct object *by, const char *name,
		   struct fp_error *err)
{
	struct object *o;

	if (map_has(&w->found, name))
		return 0;
	if (strchr(name, '/') || !*name)
		return fp_fail(
			err, FP_ERR_BUILD,
			"'%s' needs the library '%s' at a fixed place: link it with -l",
			by->path, name);
	if (w->found.n >= MAX_LIBRARIES)
		return fp_fail(err, FP_ERR_BUILD, "more than %d libraries are needed",
			       MAX_LIBRARIES);
	o = search(w, by, name);
	if (!o)
		return fp_fail(err, FP_ERR_BUILD,
			       "cannot find '%s' for %s, which '%s' needs: install it or "
			       "link it "
			       "statically",
			       name, w->arch, by->path);
	walk_append(w, o);
	(void)map_put(&w->found, name, o->path);
	return 0;
}

static int walk_all(struct walk *w, struct fp_error *err)
{
	for (const struct object *o = w->first; o; o = o->next)
		for (size_t i = 0; i < o->info.needed.n; i++)
			if (resolve(w, o, o->info.needed.v[i], err) < 0)
				return -1;
	return 0;
}

int elf_closure_of(struct elf_closure *out, const char *program, struct fp_error *err)
{
	FP_AUTO(walk_release) struct walk w = { .found = MAP_INIT };
	struct object *root;

	memset(out, 0, sizeof(*out));
	root = object_read(program, NULL, err);
	if (!root)
		return fp_wrap(err, "cannot use '%s' as a program", program);
	walk_append(&w, root);
	w.arch = root->info.arch;
	search_system_folders(&w.system, w.arch);
	if (walk_all(&w, err) < 0)
		return -1;
	(void)snprintf(out->arch, sizeof(out->arch), "%s", w.arch);
	if (root->info.interpreter)
		out->interpreter = xstrdup(root->info.interpreter);
	map_each (e, &w.found)
		strs_add(&out->names, e->key);
	strs_sort(&out->names);
	for (size_t i = 0; i < out->names.n; i++)
		strs_add(&out->paths, map_get(&w.found, out->names.v[i]));
	return 0;
}

void elf_closure_release(struct elf_closure *c)
{
	free(c->interpreter);
	strs_release(&c->names);
	strs_release(&c->paths);
	memset(c, 0, sizeof(*c));
}
