#include "pack/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <zip.h>
#include <zlib.h>

#include "base/fs.h"
#include "base/str.h"

static void add_text(struct digest *d, const char *s)
{
	digest_update(d, s, strlen(s) + 1);
}

static int add_entry(struct digest *d, const struct pack_entry *e, struct fp_error *err)
{
	char content[SHA256_HEX_LEN], mode[16];
	FP_AUTO(closep) int fd = -1;

	if (e->path) {
		fd = fs_open(e->path, O_RDONLY, 0, err);
		if (fd < 0 || sha256_fd_hex(content, fd, err) < 0)
			return -1;
	} else {
		sha256_hex(content, e->data, e->size);
	}
	(void)snprintf(mode, sizeof(mode), "%o", e->mode);
	add_text(d, e->name);
	add_text(d, mode);
	add_text(d, content);
	return 0;
}

int cache_fingerprint(char out[SHA256_HEX_LEN], const struct pack_entry *entries,
		      size_t n, struct fp_error *err)
{
	FP_AUTO(digest_freep) struct digest *d = digest_new("SHA256");
	uint8_t sum[SHA256_LEN];

	/* Another version of either may write other bytes. */
	add_text(d, zip_libzip_version());
	add_text(d, zlibVersion());
	for (size_t i = 0; i < n; i++)
		if (add_entry(d, &entries[i], err) < 0)
			return -1;
	(void)digest_final(d, sum);
	hex_encode(out, sum, sizeof(sum));
	return 0;
}

static char *record_path(const char *folder, const char *fingerprint)
{
	return xasprintf("%s/%s.zip-of", folder, fingerprint);
}

bool cache_find(const char *folder, const char *fingerprint, char sha256[SHA256_HEX_LEN],
		int64_t *size)
{
	FP_AUTO(freep) char *record = record_path(folder, fingerprint);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(freep) char *path = NULL;
	FP_AUTO(closep) int fd = -1;
	struct stat st;

	if (fs_read(&text, record, SHA256_HEX_LEN - 1, NULL) < 0 ||
	    text.len != SHA256_HEX_LEN - 1)
		return false;
	path = xasprintf("%s/%s.zip", folder, buf_str(&text));
	fd = fs_open(path, O_RDONLY, 0, NULL);
	if (fd < 0 || fstat(fd, &st) < 0 || sha256_fd_hex(sha256, fd, NULL) < 0)
		return false;
	*size = (int64_t)st.st_size;
	return str_eq(sha256, buf_str(&text));
}

int cache_remember(const char *folder, const char *fingerprint, const char *sha256,
		   struct fp_error *err)
{
	FP_AUTO(freep) char *record = record_path(folder, fingerprint);

	return fs_write_atomic(record, sha256, strlen(sha256), 0644, err);
}
