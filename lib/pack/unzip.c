#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/fs.h"
#include "base/str.h"
#include "pack/zip.h"

#define MAX_ENTRIES 10000
#define MAX_NAME    1024
#define READ_SIZE   ((size_t)64 << 10)

static void archive_discardp(zip_t **z)
{
	if (*z)
		zip_discard(*z);
}

static void file_closep(zip_file_t **f)
{
	if (*f)
		(void)zip_fclose(*f);
}

/* Relative, no "..", no empty part, no byte that a shell or terminal could trip over. */
static bool safe_name(const char *name)
{
	const char *part = name;

	if (!*name || *name == '/' || strlen(name) > MAX_NAME)
		return false;
	for (const char *p = name; *p; p++)
		if (*p == '\\' || (unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	while (*part) {
		size_t n = strcspn(part, "/");

		if (!n || (n == 1 && part[0] == '.') ||
		    (n == 2 && !strncmp(part, "..", 2)))
			return false;
		part += n + (part[n] == '/');
	}
	return true;
}

/* The permission bits, or -1 for a link, a device and the like. */
static int entry_mode(zip_t *z, zip_uint64_t i, bool folder)
{
	zip_uint8_t system = 0;
	zip_uint32_t attributes = 0;
	unsigned mode;

	if (zip_file_get_external_attributes(z, i, 0, &system, &attributes) < 0 ||
	    system != ZIP_OPSYS_UNIX || !(attributes >> 16))
		return 0644;
	mode = attributes >> 16;
	if ((mode & S_IFMT) && (mode & S_IFMT) != (folder ? S_IFDIR : S_IFREG))
		return -1;
	/* The owner must be able to read what was unpacked, and to remove it. */
	return (int)((mode & 0777) | 0400);
}

static int make_parent(const char *path, struct fp_error *err)
{
	FP_AUTO(freep) char *parent = fs_dirname(path);

	return fs_mkdirs(parent, err);
}

static int copy_entry(zip_t *z, zip_uint64_t i, int fd, const char *path, int64_t *left,
		      struct fp_error *err)
{
	FP_AUTO(file_closep) zip_file_t *f = zip_fopen_index(z, i, 0);
	FP_AUTO(freep) char *block = xmalloc(READ_SIZE);
	zip_int64_t n;

	if (!f)
		return fp_fail(err, FP_ERR_INPUT, "cannot read '%s' in the zip: %s",
			       zip_get_name(z, i, 0), zip_strerror(z));
	/* What is counted is what comes out: the declared size is the sender's word. */
	while ((n = zip_fread(f, block, READ_SIZE)) > 0) {
		*left -= n;
		if (*left < 0)
			return fp_fail(err, FP_ERR_LIMIT,
				       "the zip is too large when unpacked");
		if (fs_write_all(fd, block, (size_t)n, path, err) < 0)
			return -1;
	}
	if (n < 0)
		return fp_fail(err, FP_ERR_INPUT, "'%s' in the zip is damaged: %s",
			       zip_get_name(z, i, 0), zip_file_strerror(f));
	return 0;
}

static int unpack_file(zip_t *z, zip_uint64_t i, const char *path, int mode,
		       int64_t *left, struct fp_error *err)
{
	FP_AUTO(closep) int fd = -1;

	if (make_parent(path, err) < 0)
		return -1;
	/* O_EXCL: the same name twice, and a link that is there already, are refused. */
	fd = fs_open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, err);
	if (fd < 0 || copy_entry(z, i, fd, path, left, err) < 0)
		return -1;
	if (fchmod(fd, (mode_t)mode) < 0)
		return fp_fail_errno(err, "cannot set the mode of '%s'", path);
	return 0;
}

static int unpack_entry(zip_t *z, zip_uint64_t i, const char *folder, int64_t *left,
			struct fp_error *err)
{
	FP_AUTO(freep) char *path = NULL;
	const char *name = zip_get_name(z, i, 0);
	bool is_folder;
	int mode;

	if (!name || !safe_name(name))
		return fp_fail(
			err, FP_ERR_INPUT,
			"entry %llu of the zip has a name that leaves the folder or is "
			"not acceptable",
			(unsigned long long)i + 1);
	is_folder = str_ends(name, "/");
	mode = entry_mode(z, i, is_folder);
	if (mode < 0)
		return fp_fail(err, FP_ERR_INPUT,
			       "'%s' in the zip is neither a file nor a folder", name);
	path = fs_join(folder, name);
	return is_folder ? fs_mkdirs(path, err)
			 : unpack_file(z, i, path, mode, left, err);
}

static int open_archive(zip_t **z, const void *zip, size_t n, struct fp_error *err)
{
	zip_error_t why;
	zip_source_t *source;

	zip_error_init(&why);
	source = zip_source_buffer_create(zip, n, 0, &why);
	*z = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
	if (*z)
		return 0;
	zip_source_free(source);
	(void)fp_fail(err, FP_ERR_INPUT, "this is no zip: %s", zip_error_strerror(&why));
	zip_error_fini(&why);
	return -1;
}

int pack_unzip(const char *folder, const void *zip, size_t n, int64_t max_bytes,
	       struct fp_error *err)
{
	FP_AUTO(archive_discardp) zip_t *z = NULL;
	int64_t left = max_bytes;
	zip_int64_t entries;

	if (open_archive(&z, zip, n, err) < 0)
		return -1;
	entries = zip_get_num_entries(z, 0);
	if (entries > MAX_ENTRIES)
		return fp_fail(err, FP_ERR_LIMIT, "the zip holds more than %d files",
			       MAX_ENTRIES);
	for (zip_int64_t i = 0; i < entries; i++)
		if (unpack_entry(z, (zip_uint64_t)i, folder, &left, err) < 0)
			return -1;
	return 0;
}
