#include "base/json.h"

#include <math.h>
#include <stdarg.h>

#include "base/str.h"

#define EXACT_MAX 9007199254740992.0 /* 2^53: integers are exact up to here */

void json_freep(cJSON **j)
{
	cJSON_Delete(*j);
	*j = NULL;
}

static void wipe_texts(cJSON *j)
{
	for (; j; j = j->next) {
		if (j->valuestring)
			mem_wipe(j->valuestring, strlen(j->valuestring));
		wipe_texts(j->child);
	}
}

void json_wipe_freep(cJSON **j)
{
	wipe_texts(*j);
	json_freep(j);
}

static cJSON *must(cJSON *j)
{
	if (!j)
		fp_die("out of memory: cannot make a JSON value");
	return j;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* At most as many as there are values: what separates them and what opens a list. */
static size_t count_values(const char *text, size_t n)
{
	size_t found = 1;
	bool quoted = false;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (quoted && text[i] == '\\')
			i++;
		else if (!quoted && (text[i] == ',' || text[i] == '[' || text[i] == '{'))
			found++;
	}
	return found;
}

cJSON *json_parse(const char *text, size_t n, const char *what, struct fp_error *err)
{
	const char *stop = text, *end = text + n;
	unsigned line = 1, column = 1;
	cJSON *j;

	if (count_values(text, n) > JSON_MAX_VALUES) {
		(void)fp_fail(err, FP_ERR_LIMIT, "%s has more than %d values", what,
			      JSON_MAX_VALUES);
		return NULL;
	}
	j = n ? cJSON_ParseWithLengthOpts(text, n, &stop, false) : NULL;
	while (j && stop < end && is_space(*stop))
		stop++;
	if (j && stop == end)
		return j;
	cJSON_Delete(j);
	for (const char *p = text; p < stop; p++) {
		column = *p == '\n' ? 1 : column + 1;
		line += *p == '\n';
	}
	(void)fp_fail(err, FP_ERR_YAML, "%s is not valid JSON: see line %u, column %u",
		      what, line, column);
	return NULL;
}

static void print_number(struct buf *out, double d)
{
	char text[32];

	if (!isfinite(d)) {
		buf_puts(out, "null");
		return;
	}
	if (fabs(d) <= EXACT_MAX && d == (double)(int64_t)d) {
		buf_printf(out, "%lld", (long long)d);
		return;
	}
	(void)snprintf(text, sizeof(text), "%.15g", d);
	if (strtod(text, NULL) != d)
		(void)snprintf(text, sizeof(text), "%.17g", d);
	buf_puts(out, text);
}

static void print_text(struct buf *out, const char *s)
{
	json_quote(out, s ? s : "", s ? strlen(s) : 0);
}

static void print_value(struct buf *out, const cJSON *j, bool pretty, size_t depth);

static void print_items(struct buf *out, const cJSON *j, bool pretty, size_t depth)
{
	bool object = cJSON_IsObject(j);

	buf_putc(out, object ? '{' : '[');
	json_each (item, j) {
		if (item != j->child)
			buf_putc(out, ',');
		if (pretty) {
			buf_putc(out, '\n');
			buf_fill(out, ' ', 2 * (depth + 1));
		}
		if (object) {
			print_text(out, item->string);
			buf_puts(out, pretty ? ": " : ":");
		}
		print_value(out, item, pretty, depth + 1);
	}
	if (pretty && j->child) {
		buf_putc(out, '\n');
		buf_fill(out, ' ', 2 * depth);
	}
	buf_putc(out, object ? '}' : ']');
}

static void print_value(struct buf *out, const cJSON *j, bool pretty, size_t depth)
{
	if (cJSON_IsObject(j) || cJSON_IsArray(j))
		print_items(out, j, pretty, depth);
	else if (cJSON_IsString(j))
		print_text(out, j->valuestring);
	else if (cJSON_IsNumber(j))
		print_number(out, j->valuedouble);
	else if (cJSON_IsBool(j))
		buf_puts(out, cJSON_IsTrue(j) ? "true" : "false");
	else if (cJSON_IsRaw(j) && j->valuestring)
		buf_puts(out, j->valuestring);
	else
		buf_puts(out, "null");
}

void json_print(struct buf *out, const cJSON *j)
{
	print_value(out, j, false, 0);
}

void json_print_pretty(struct buf *out, const cJSON *j)
{
	print_value(out, j, true, 0);
}

char *json_text(const cJSON *j)
{
	struct buf out = BUF_INIT;

	json_print(&out, j);
	return buf_detach(&out);
}

static cJSON *member(const cJSON *j, const char *name, size_t n)
{
	if (!cJSON_IsObject(j))
		return NULL;
	json_each (item, j)
		if (item->string && strncmp(item->string, name, n) == 0 &&
		    !item->string[n])
			return item;
	return NULL;
}

cJSON *json_get(const cJSON *j, const char *path)
{
	while (j && path) {
		cJSON *found = member(j, path, strlen(path));
		const char *dot = strchr(path, '.');

		if (found || !dot)
			return found;
		j = member(j, path, (size_t)(dot - path));
		path = dot + 1;
	}
	return NULL;
}

const char *json_str(const cJSON *j, const char *path, const char *fallback)
{
	const cJSON *m = json_get(j, path);

	return cJSON_IsString(m) && m->valuestring ? m->valuestring : fallback;
}

int64_t json_int(const cJSON *j, const char *path, int64_t fallback)
{
	const cJSON *m = json_get(j, path);
	int64_t v;

	if (cJSON_IsNumber(m) && fabs(m->valuedouble) < 9.2e18)
		return (int64_t)m->valuedouble;
	if (cJSON_IsString(m) && str_to_i64(m->valuestring, INT64_MIN, INT64_MAX, &v))
		return v;
	return fallback;
}

bool json_bool(const cJSON *j, const char *path, bool fallback)
{
	const cJSON *m = json_get(j, path);
	const char *s = cJSON_IsString(m) ? m->valuestring : NULL;

	if (cJSON_IsBool(m))
		return cJSON_IsTrue(m);
	if (str_eq(s, "true"))
		return true;
	return str_eq(s, "false") ? false : fallback;
}

void json_set(cJSON *object, const char *name, cJSON *value)
{
	cJSON *old = member(object, name, strlen(name));
	cJSON_bool done;

	if (old)
		done = cJSON_ReplaceItemInObjectCaseSensitive(object, name, value);
	else
		done = cJSON_AddItemToObject(object, name, value);
	if (!done)
		fp_die("cannot set the member '%s' of a JSON value", name);
}

void json_set_str(cJSON *object, const char *name, const char *value)
{
	if (value)
		json_set(object, name, must(cJSON_CreateString(value)));
}

void json_set_fmt(cJSON *object, const char *name, const char *fmt, ...)
{
	FP_AUTO(freep) char *s = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&s, fmt, args) < 0)
		fp_die("out of memory: cannot format '%s'", fmt);
	va_end(args);
	json_set_str(object, name, s);
}

void json_set_int(cJSON *object, const char *name, int64_t value)
{
	json_set(object, name, must(cJSON_CreateNumber((double)value)));
}

void json_set_bool(cJSON *object, const char *name, bool value)
{
	json_set(object, name, must(cJSON_CreateBool(value)));
}

cJSON *json_set_array(cJSON *object, const char *name)
{
	cJSON *a = must(cJSON_CreateArray());

	json_set(object, name, a);
	return a;
}

cJSON *json_set_object(cJSON *object, const char *name)
{
	cJSON *o = must(cJSON_CreateObject());

	json_set(object, name, o);
	return o;
}

static cJSON *push(cJSON *array, cJSON *item)
{
	if (!cJSON_AddItemToArray(array, must(item)))
		fp_die("cannot append to a JSON value");
	return item;
}

void json_push_str(cJSON *array, const char *value)
{
	push(array, cJSON_CreateString(value));
}

cJSON *json_push_object(cJSON *array)
{
	return push(array, cJSON_CreateObject());
}

/* A control character, a quote, a backslash, or a byte that is no UTF-8. */
static void quote_special(struct buf *out, unsigned char c)
{
	static const char letters[] = "btn\0fr"; /* of 8 to 13 */

	if (c == '"' || c == '\\')
		buf_printf(out, "\\%c", c);
	else if (c >= 8 && c <= 13 && letters[c - 8])
		buf_printf(out, "\\%c", letters[c - 8]);
	else if (c < ' ')
		buf_printf(out, "\\u%04x", c);
	else
		buf_puts(out, "\xef\xbf\xbd");
}

void json_quote(struct buf *out, const char *s, size_t n)
{
	size_t plain = 0, i = 0;

	buf_putc(out, '"');
	while (i < n) {
		unsigned char c = (unsigned char)s[i];
		size_t len = c < 0x80 ? 1 : str_utf8_len(s + i, n - i);

		if (len && c >= ' ' && c != '"' && c != '\\') {
			i += len;
			continue;
		}
		buf_add(out, s + plain, i - plain);
		quote_special(out, c);
		plain = ++i;
	}
	buf_add(out, s + plain, n - plain);
	buf_putc(out, '"');
}
