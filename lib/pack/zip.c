#include "pack/zip.h"

#include <fcntl.h>
#include <zip.h>

#include "base/fs.h"
#include "base/str.h"

#define DOS_DATE_1980_01_01 0x0021
#define DEFLATE_LEVEL	    6 /* 9 takes four times as long for half a percent less */
#define READ_SIZE	    ((size_t)64 << 10)

static void source_freep(zip_source_t **s)
{
	zip_source_free(*s);
}

/* Throws away what was not closed. */
static void archive_discardp(zip_t **z)
{
	if (*z)
		zip_discard(*z);
}

static int fail_zip(struct fp_error *err, const char *what, zip_error_t *e)
{
	(void)fp_fail(err, FP_ERR_IO, "cannot make the zip: %s: %s", what,
		      zip_error_strerror(e));
	zip_error_fini(e);
	return -1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct pack_entry *const *)a)->name,
		      (*(const struct pack_entry *const *)b)->name);
}

static int add_entry(zip_t *z, const struct pack_entry *e, struct fp_error *err)
{
	/* libzip opens files only when it closes the archive, and then names none. */
	FP_AUTO(closep) int fd = e->path ? fs_open(e->path, O_RDONLY, 0, err) : -1;
	zip_error_t why;
	zip_source_t *source;
	zip_int64_t at;

	if (e->path && fd < 0)
		return -1;
	zip_error_init(&why);
	source = e->path ? zip_source_file_create(e->path, 0, -1, &why)
			 : zip_source_buffer_create(e->data, e->size, 0, &why);
	if (!source)
		return fail_zip(err, e->path ? e->path : e->name, &why);
	at = zip_file_add(z, e->name, source, ZIP_FL_ENC_UTF_8);
	if (at < 0) {
		zip_source_free(source);
		return fail_zip(err, e->name, zip_get_error(z));
	}
	/* The DOS fields directly: zip_file_set_mtime() would ask for the time zone. */
	if (zip_file_set_dostime(z, (zip_uint64_t)at, 0, DOS_DATE_1980_01_01, 0) < 0 ||
	    zip_file_set_external_attributes(z, (zip_uint64_t)at, 0, ZIP_OPSYS_UNIX,
					     (0100000u | (e->mode & 0777)) << 16) < 0 ||
	    zip_set_file_compression(z, (zip_uint64_t)at, ZIP_CM_DEFLATE, DEFLATE_LEVEL) <
		    0)
		return fail_zip(err, e->name, zip_get_error(z));
	return 0;
}

static int read_archive(struct buf *out, zip_source_t *source, struct fp_error *err)
{
	zip_int64_t n;

	if (zip_source_open(source) < 0)
		return fail_zip(err, "reading it back", zip_source_error(source));
	do {
		buf_reserve(out, READ_SIZE);
		n = zip_source_read(source, out->data + out->len, READ_SIZE);
		if (n > 0)
			out->len += (size_t)n;
	} while (n > 0);
	out->data[out->len] = '\0';
	(void)zip_source_close(source);
	return n < 0 ? fail_zip(err, "reading it back", zip_source_error(source)) : 0;
}

static int write_archive(struct buf *out, const struct pack_entry **entries, size_t n,
			 struct fp_error *err)
{
	FP_AUTO(source_freep) zip_source_t *memory = NULL;
	FP_AUTO(archive_discardp) zip_t *z = NULL;
	zip_error_t why;

	zip_error_init(&why);
	memory = zip_source_buffer_create(NULL, 0, 0, &why);
	if (!memory)
		return fail_zip(err, "memory", &why);
	z = zip_open_from_source(memory, ZIP_CREATE | ZIP_TRUNCATE, &why);
	if (!z)
		return fail_zip(err, "memory", &why);
	/* The archive holds one reference, which zip_close() gives up. */
	zip_source_keep(memory);
	for (size_t i = 0; i < n; i++)
		if (add_entry(z, entries[i], err) < 0)
			return -1;
	if (zip_close(z) < 0)
		return fail_zip(err, "compressing", zip_get_error(z));
	z = NULL;
	return read_archive(out, memory, err);
}

int pack_zip(struct buf *out, const struct pack_entry *entries, size_t n,
	     struct fp_error *err)
{
	FP_AUTO(freep) const struct pack_entry **sorted = xcalloc(n + 1, sizeof(*sorted));
	size_t start = out->len;

	if (!n)
		return fp_fail(err, FP_ERR_INPUT, "a zip needs at least one file");
	for (size_t i = 0; i < n; i++)
		sorted[i] = &entries[i];
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 1; i < n; i++)
		if (str_eq(sorted[i - 1]->name, sorted[i]->name))
			return fp_fail(err, FP_ERR_INPUT,
				       "two files are named '%s' in the zip",
				       sorted[i]->name);
	if (write_archive(out, sorted, n, err) < 0) {
		if (out->len > start)
			buf_truncate(out, start);
		return -1;
	}
	return 0;
}
