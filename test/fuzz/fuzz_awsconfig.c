/*
 * The shared config and credentials files: any text is read or refused, and what was
 * read, written out again, reads the same.
 */
#include <stdlib.h>

#include "aws/ini.h"
#include "aws/profile.h"
#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void write_value(struct buf *out, const char *key, const struct ini_value *v)
{
	buf_printf(out, "%s = ", key);
	for (const char *c = v->text; c && *c; c++) {
		buf_putc(out, *c);
		if (*c == '\n' && c[1] != '\n')
			buf_puts(out, "  ");
	}
	buf_putc(out, '\n');
	map_each (e, &v->nested)
		buf_printf(out, "  %s = %s\n", e->key, (char *)e->value);
}

static void write_out(struct buf *out, const struct ini *ini)
{
	map_each (s, &ini->sections) {
		buf_printf(out, "[%s]\n", s->key);
		map_each (e, &((struct ini_section *)s->value)->values)
			write_value(out, e->key, e->value);
	}
}

static void round_trip(const char *text, size_t n)
{
	FP_AUTO(ini_release) struct ini first = INI_INIT, second = INI_INIT;
	FP_AUTO(buf_release) struct buf once = BUF_INIT, twice = BUF_INIT;

	if (ini_parse(&first, text, n, "config", NULL) < 0)
		return;
	write_out(&once, &first);
	check(ini_parse(&second, buf_str(&once), once.len, "config", NULL) == 0);
	write_out(&twice, &second);
	check(strcmp(buf_str(&once), buf_str(&twice)) == 0);
}

static void look_up(const char *text, size_t n)
{
	FP_AUTO(profiles_freep) struct profiles *p = NULL;
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	struct fp_error err = { 0 };

	if (profiles_parse(&p, text, n / 2, text + n / 2, n - n / 2, &err) < 0) {
		check(!p && err.code == FP_ERR_INPUT && *err.where);
		return;
	}
	profiles_names(&names, p, SECTION_PROFILE);
	for (size_t i = 0; i < names.n; i++) {
		const char *value = profiles_get(p, PROFILES_MERGED, SECTION_PROFILE,
						 names.v[i], "region");
		const char *config = profiles_get(p, PROFILES_CONFIG, SECTION_PROFILE,
						  names.v[i], "region");

		check(profiles_has(p, PROFILES_MERGED, SECTION_PROFILE, names.v[i]));
		check(!value || strlen(value) < n);
		check(!config || value ||
		      profiles_has(p, PROFILES_CREDENTIALS, SECTION_PROFILE, names.v[i]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	round_trip((const char *)data, n);
	look_up((const char *)data, n);
	return 0;
}
