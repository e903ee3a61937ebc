#include "editing.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "findings.h"
#include "yaml/edit.h"
#include "yaml/json.h"
#include "yaml/load.h"

#define FILE_MAX    (4u << 20)
#define SHOWN_LINES 40

/* Where that cannot be done, as on some network file systems, nobody waits. */
static void lock_folder(struct editing *e)
{
	FP_AUTO(freep) char *path = fs_dirname(e->real);

	e->folder = opendir(path);
	if (e->folder)
		(void)flock(dirfd(e->folder), LOCK_EX);
}

static int read_file(struct editing *e, struct fp_error *err)
{
	struct stat st;

	if (!app_manifest_exists(e->app))
		return manifest_missing(e->file, err);
	e->real = realpath(e->file, NULL);
	if (!e->real || stat(e->real, &st) < 0)
		return fp_fail_errno(err, "cannot find '%s'", e->file);
	if (!S_ISREG(st.st_mode))
		return fp_fail(err, FP_ERR_IO, "'%s' is not a file that can be edited",
			       e->file);
	if (access(e->real, W_OK) < 0)
		return fp_fail_errno(err, "cannot write '%s'", e->file);
	lock_folder(e);
	/* What another edit has replaced meanwhile has its owner and mode. */
	if (stat(e->real, &st) < 0)
		return fp_fail_errno(err, "cannot find '%s'", e->file);
	e->mode = st.st_mode & 07777;
	e->owner = st.st_uid;
	e->group = st.st_gid;
	return fs_read(&e->text, e->real, FILE_MAX, err);
}

int editing_open(struct editing *e, struct app *app, const struct strs *path,
		 struct fp_error *err)
{
	*e = (struct editing){ .app = app,
			       .file = str_or(app->global.file, "fpctl.yaml") };
	for (size_t i = 0; i < path->n; i++)
		strs_add(&e->path, path->v[i]);
	if (read_file(e, err) < 0)
		return -1;
	return manifest_edit_environment(&e->path, buf_str(&e->text), e->text.len,
					 e->file, app->global.environment, err);
}

/* The umask is for new files: this one keeps the mode and, as far as that may be, the
 * owner that it had. */
static int write_file(struct editing *e, struct fp_error *err)
{
	mode_t mask = umask(0);
	int rc = fs_write_atomic(e->real, e->edit.text.data, e->edit.text.len, e->mode,
				 err);

	(void)umask(mask);
	if (rc < 0)
		return fp_wrap(err, "the manifest was not changed");
	if (chown(e->real, e->owner, e->group) < 0)
		ui_note(&e->app->ui, "the owner of '%s' could not be kept: %s", e->file,
			strerror(errno));
	return 0;
}

int editing_apply(struct editing *e, const struct node *value, struct fp_error *err)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	struct findings_source known = { .file = e->file };
	struct fp_error ignored = { 0 };

	if (manifest_edit(&e->edit, buf_str(&e->text), e->text.len, e->file, &e->path,
			  value, &d, err) < 0) {
		known.text = buf_str(&e->edit.text);
		if (d.n)
			(void)findings_fail(e->app, &d, &known, FP_ERR_MANIFEST, e->file,
					    &ignored);
		return -1;
	}
	return e->edit.same ? 0 : write_file(e, err);
}

void editing_lock(struct editing *e)
{
	struct fp_error err = { 0 };

	if (!e->edit.same && !e->edit.left && app_update_lock(e->file, &err) < 0)
		ui_note(&e->app->ui,
			"fpctl.lock was not brought up to date: %s; `fpctl render` does "
			"it",
			err.message);
}

/* The number of bytes of the line, its end included. */
static size_t line_length(const struct buf *b, size_t at)
{
	const char *nl = memchr(b->data + at, '\n', b->len - at);

	return nl ? (size_t)(nl - b->data) + 1 - at : b->len - at;
}

/* How many bytes of whole lines the two begin with alike. */
static size_t common_head(const struct buf *a, const struct buf *b)
{
	size_t at = 0;

	while (at < a->len && at < b->len) {
		size_t n = line_length(a, at);

		if (n != line_length(b, at) || memcmp(a->data + at, b->data + at, n) != 0)
			break;
		at += n;
	}
	return at;
}

static size_t common_tail(const struct buf *a, const struct buf *b, size_t head)
{
	size_t n = 0, whole = 0, most = FP_MIN(a->len, b->len) - head;

	while (n < most && a->data[a->len - n - 1] == b->data[b->len - n - 1]) {
		n++;
		if (n == most || a->data[a->len - n - 1] == '\n')
			whole = n;
	}
	/* The rest must begin with a line in both. */
	while (whole && ((a->len - whole && a->data[a->len - whole - 1] != '\n') ||
			 (b->len - whole && b->data[b->len - whole - 1] != '\n')))
		whole--;
	return whole;
}

static void print_lines(struct ui *ui, const struct buf *b, size_t from, size_t to,
			char sign, enum ui_style style)
{
	size_t shown = 0;

	for (size_t n; from < to; from += n) {
		size_t len;

		n = len = line_length(b, from);
		while (len && strchr("\r\n", b->data[from + len - 1]))
			len--;
		if (shown++ == SHOWN_LINES) {
			fprintf(ui->out, "%c ...\n", sign);
			return;
		}
		fprintf(ui->out, "%s%c %.*s%s\n", ui_on(ui, ui->out, style), sign,
			(int)len, b->data + from, ui_off(ui, ui->out));
	}
}

/* A last line without an end is no other line than one that has one. */
static void copy_lines(struct buf *out, const struct buf *text)
{
	buf_add(out, buf_str(text), text->len);
	if (text->len && text->data[text->len - 1] != '\n')
		buf_putc(out, '\n');
}

/* The lines that went and came, as "-" and "+", on stdout. */
static void print_change(struct editing *e)
{
	FP_AUTO(buf_release) struct buf a = BUF_INIT;
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	size_t head, tail;

	if (e->edit.same)
		return;
	copy_lines(&a, &e->text);
	copy_lines(&b, &e->edit.text);
	head = common_head(&a, &b);
	tail = common_tail(&a, &b, head);
	print_lines(&e->app->ui, &a, head, a.len - tail, '-', UI_RED);
	print_lines(&e->app->ui, &b, head, b.len - tail, '+', UI_GREEN);
}

int editing_open_item(struct editing *e, struct app *app, const char *map,
		      const char *name, struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs path = STRS_INIT;

	strs_add(&path, map);
	strs_add(&path, name);
	return editing_open(e, app, &path, err);
}

/* Whether the item stands in the document below the path's first `n` parts. */
static bool has_item(const struct editing *e, const struct node *doc, size_t n)
{
	const char *map = e->path.v[e->path.n - 2], *name = e->path.v[e->path.n - 1];

	for (size_t i = 0; i < n; i++)
		doc = node_get(doc, e->path.v[i]);
	return node_get(node_get(doc, map), name) != NULL;
}

int editing_add(struct editing *e, const struct node *value, const char *kind,
		struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	const char *name = e->path.v[e->path.n - 1];
	struct node *doc;

	if (node_load_one(&doc, &a, buf_str(&e->text), e->text.len, e->file, err) < 0)
		return -1;
	if (has_item(e, doc, 0))
		return fp_fail(
			err, FP_ERR_INPUT,
			"there is a %s '%s' already; `fpctl set %ss.%s.FIELD VALUE` "
			"changes it",
			kind, name, kind, name);
	if (has_item(e, doc, e->path.n - 2))
		return fp_fail(err, FP_ERR_INPUT,
			       "environment '%s' has a %s '%s' already", e->path.v[1],
			       kind, name);
	return editing_apply(e, value, err);
}

int editing_remove(struct editing *e, const char *kind, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	const char *name = e->path.v[e->path.n - 1];
	struct node *doc;

	if (node_load_one(&doc, &a, buf_str(&e->text), e->text.len, e->file, err) < 0)
		return -1;
	e->is_override = e->path.n > 2 && has_item(e, doc, 0);
	if (e->is_override && !has_item(e, doc, e->path.n - 2))
		return fp_fail(
			err, FP_ERR_INPUT,
			"the %s '%s' is one of all environments: remove it without "
			"-e",
			kind, name);
	return editing_apply(e, NULL, err);
}

void editing_tell(struct editing *e, const char *what)
{
	if (e->app->global.json) {
		editing_print_json(e);
	} else {
		ui_note(&e->app->ui, "%s '%s':", what, e->path.v[e->path.n - 1]);
		print_change(e);
	}
	editing_note_left(e);
}

void editing_list_json(struct app *app, const char *map)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(json_freep) cJSON *list = cJSON_CreateArray();
	const struct node *items = node_get(app->manifest.root, map);

	for (size_t i = 0; items && i < items->map.n; i++) {
		const struct node *fields = items->map.v[i].value;
		struct node *item = node_mapping(&a);

		node_put(&a, item, "name", items->map.v[i].key);
		for (size_t k = 0; k < fields->map.n; k++)
			node_put_node(&a, item, fields->map.v[k].key,
				      fields->map.v[k].value);
		cJSON_AddItemToArray(list, node_to_json(item));
	}
	app_print_json(app, list);
}

char *editing_shown(const struct node *value)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	if (value)
		edit_inline(&b, value);
	else
		buf_puts(&b, "(nothing)");
	return buf_detach(&b);
}

void editing_print_json(struct editing *e)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf path = BUF_INIT;
	const struct manifest_edit *it = &e->edit;

	edit_path_put(&path, &e->path);
	json_set_str(j, "file", e->file);
	json_set_str(j, "path", path.data);
	json_set_bool(j, "changed", !it->same);
	json_set(j, "before", it->before ? node_to_json(it->before) : cJSON_CreateNull());
	json_set(j, "after", it->after ? node_to_json(it->after) : cJSON_CreateNull());
	json_set_int(j, "errors_left", (int64_t)it->left);
	app_print_json(e->app, j);
}

void editing_note_left(struct editing *e)
{
	if (e->edit.left)
		ui_note(&e->app->ui,
			"%s still has %zu error%s; `fpctl validate` shows %s", e->file,
			e->edit.left, e->edit.left == 1 ? "" : "s",
			e->edit.left == 1 ? "it" : "them");
}

void editing_release(struct editing *e)
{
	if (e->folder)
		(void)closedir(e->folder);
	free(e->real);
	buf_release(&e->text);
	strs_release(&e->path);
	manifest_edit_release(&e->edit);
	*e = (struct editing){ 0 };
}

void field_text(struct arena *a, struct node *map, const char *name, const char *value)
{
	if (value)
		node_put(a, map, name, node_string(a, value));
}

void field_list(struct arena *a, struct node *map, const char *name,
		const struct strs *values)
{
	struct node *list = node_sequence(a);

	if (values->n == 1) {
		field_text(a, map, name, values->v[0]);
	} else if (values->n) {
		for (size_t i = 0; i < values->n; i++)
			node_push(a, list, node_string(a, values->v[i]));
		node_put(a, map, name, list);
	}
}

void field_true(struct arena *a, struct node *map, const char *name, bool value)
{
	if (value)
		node_put(a, map, name, node_bool(a, true));
}
