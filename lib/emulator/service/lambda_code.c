#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/service/lambda.h"
#include "pack/zip.h"

static char *functions_folder(const struct emulator *emu, const char *region,
			      const char *name)
{
	return xasprintf("%s/functions/%s/%s", emu->state, region, name);
}

static int bad_zip(struct call *c, const char *why)
{
	return fault_set(
		&c->fault, 400, "InvalidParameterValueException",
		"Could not unzip uploaded file. Please check your file, then try to "
		"upload again: %s",
		why);
}

static void discard(const char *folder)
{
	struct fp_error err = { 0 };

	if (fs_remove_tree(folder, &err) < 0)
		log_msg(LOG_WARN, "cannot remove '%s': %s", folder, err.message);
}

/* Unpacked beside and renamed, so that a folder is there as a whole or not at all. */
static int unpack(struct call *c, const char *folder, const void *zip, size_t n)
{
	FP_AUTO(freep) char *tmp = store_tmp_path(c->emu->store);
	FP_AUTO(freep) char *parent = fs_dirname(folder);
	struct fp_error err = { 0 };

	if (fs_is_dir(folder))
		return 0;
	if (fs_mkdirs(parent, &err) < 0 || fs_mkdirs(tmp, &err) < 0)
		return fault_from(&c->fault, &err);
	if (pack_unzip(tmp, zip, n, LAMBDA_MAX_UNZIPPED, &err) < 0) {
		discard(tmp);
		return err.code == FP_ERR_IO ? fault_from(&c->fault, &err)
					     : bad_zip(c, err.message);
	}
	if (rename(tmp, folder) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST) {
		(void)fp_fail_errno(&err, "cannot store the code in '%s'", folder);
		discard(tmp);
		return fault_from(&c->fault, &err);
	}
	discard(tmp);
	return 0;
}

static int read_from_s3(struct call *c, struct buf *zip, const cJSON *code)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	struct fp_error err = { 0 };

	json_set_str(in, "Bucket", json_str(code, "S3Bucket", NULL));
	json_set_str(in, "Key", json_str(code, "S3Key", NULL));
	json_set_str(in, "VersionId", json_str(code, "S3ObjectVersion", NULL));
	if (bus_call(c, "s3", "GetObjectPath", in, out) < 0) {
		struct fault f = c->fault;

		return fault_set(
			&c->fault, 400, "InvalidParameterValueException",
			"Error occurred while GetObject. S3 Error Code: %s. S3 Error "
			"Message: %s",
			f.code, f.message);
	}
	if (fs_read(zip, json_str(out, "Path", ""), LAMBDA_MAX_UNZIPPED, &err) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

static int read_zip(struct call *c, struct buf *zip, const cJSON *code)
{
	const char *text = json_str(code, "ZipFile", NULL);

	if (json_str(code, "S3Bucket", NULL) && json_str(code, "S3Key", NULL))
		return read_from_s3(c, zip, code);
	if (!text)
		return fault_set(&c->fault, 400, "InvalidParameterValueException",
				 "Please provide a source for function code: ZipFile, or "
				 "S3Bucket and S3Key");
	if (!base64_decode(zip, text, strlen(text)))
		return bad_zip(c, "ZipFile is not base64");
	if (zip->len > LAMBDA_MAX_ZIP)
		return fault_set(&c->fault, 413, "RequestEntityTooLargeException",
				 "the zip file is over 50 MiB; upload it to S3");
	return 0;
}

int lambda_code_take(struct call *c, struct lambda_function *f, const cJSON *code)
{
	FP_AUTO(buf_release) struct buf zip = BUF_INIT, digest = BUF_INIT;
	FP_AUTO(freep) char *folder = NULL, *base = NULL;
	struct fp_error err = { 0 };
	uint8_t raw[SHA256_LEN];
	char hex[SHA256_HEX_LEN];

	if (read_zip(c, &zip, code) < 0)
		return -1;
	sha256(raw, zip.data, zip.len);
	hex_encode(hex, raw, sizeof(raw));
	base64_encode(&digest, raw, sizeof(raw));
	base = functions_folder(c->emu, f->region, f->name);
	folder = fs_join(base, hex);
	if (unpack(c, folder, zip.data, zip.len) < 0)
		return -1;
	if (store_blob_put(c->emu->store, zip.data, zip.len, hex, &err) < 0)
		return fault_from(&c->fault, &err);
	free(f->code_sha256);
	f->code_sha256 = xstrdup(hex);
	json_set_str(f->config, "CodeSha256", digest.data);
	json_set_int(f->config, "CodeSize", (int64_t)zip.len);
	return 0;
}

char *lambda_code_folder(struct call *c, const struct lambda_function *f)
{
	FP_AUTO(freep) char *base = functions_folder(c->emu, f->region, f->name);
	FP_AUTO(freep) char *blob = store_blob_path(c->emu->store, f->code_sha256);
	FP_AUTO(freep) char *folder = fs_join(base, f->code_sha256);
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	struct fp_error err = { 0 };
	char *out;

	if (!fs_is_dir(folder)) {
		if (fs_read(&zip, blob, LAMBDA_MAX_UNZIPPED, &err) < 0) {
			(void)fault_from(&c->fault, &err);
			return NULL;
		}
		if (unpack(c, folder, zip.data, zip.len) < 0)
			return NULL;
	}
	/* The process starts in it, so that a relative path would lead elsewhere. */
	out = realpath(folder, NULL);
	if (!out) {
		(void)fp_fail_errno(&err, "cannot find the code in '%s'", folder);
		(void)fault_from(&c->fault, &err);
	}
	return out;
}

void lambda_code_forget(struct emulator *emu, const char *region, const char *name,
			const char *keep, const char *keep_too)
{
	FP_AUTO(freep) char *base = functions_folder(emu, region, name);
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	struct fp_error err = { 0 };

	if (!fs_is_dir(base) || fs_list(&names, base, &err) < 0)
		return;
	for (size_t k = 0; k < names.n; k++) {
		FP_AUTO(freep) char *path = fs_join(base, names.v[k]);
		FP_AUTO(freep) char *tmp = store_tmp_path(emu->store);

		if (str_eq(names.v[k], str_or(keep, "")) ||
		    str_eq(names.v[k], str_or(keep_too, "")))
			continue;
		/* Out of the way first, so that it is there as a whole or not at all. */
		if (rename(path, tmp) == 0)
			discard(tmp);
		else
			log_msg(LOG_WARN, "cannot remove the old code '%s'", path);
	}
	if (!keep && !keep_too)
		(void)rmdir(base);
}
