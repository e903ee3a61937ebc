#include "yaml/node.h"

#include <errno.h>

#include "base/str.h"

#define INDEX_FROM 16 /* smaller mappings are searched one by one */

struct node_index {
	size_t nslots;	 /* a power of two */
	uint32_t slot[]; /* index into map.v, plus 1 */
};

static size_t key_hash(const char *s)
{
	uint64_t h = 14695981039346656037u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/* The slot of `key`, or the free one where it belongs. */
static uint32_t *index_slot(const struct node *map, const char *key)
{
	struct node_index *ix = map->map.index;
	size_t mask = ix->nslots - 1;

	for (size_t i = key_hash(key) & mask;; i = (i + 1) & mask) {
		uint32_t at = ix->slot[i];

		if (at == 0 || str_eq(map->map.v[at - 1].key->scalar.text, key))
			return &ix->slot[i];
	}
}

static void index_rebuild(struct arena *a, struct node *map)
{
	size_t nslots = 64;

	map->map.index = NULL;
	if (map->map.n <= INDEX_FROM)
		return;
	while (nslots < 4 * map->map.n)
		nslots *= 2;
	map->map.index = arena_alloc(a, sizeof(struct node_index) +
						nslots * sizeof(uint32_t));
	map->map.index->nslots = nslots;
	for (size_t i = 0; i < map->map.n; i++) {
		uint32_t *slot = index_slot(map, map->map.v[i].key->scalar.text);

		if (*slot == 0)
			*slot = (uint32_t)i + 1;
	}
}

static struct node *node_new(struct arena *a, enum node_kind kind)
{
	struct node *n = arena_alloc(a, sizeof(*n));

	n->kind = kind;
	return n;
}

static struct node *node_scalar(struct arena *a, const char *text, size_t len,
				enum scalar_type type)
{
	struct node *n = node_new(a, NODE_SCALAR);

	n->scalar.text = arena_strndup(a, text, len);
	n->scalar.len = len;
	n->scalar.type = type;
	return n;
}

struct node *node_string_n(struct arena *a, const char *text, size_t n)
{
	struct node *s = node_new(a, NODE_SCALAR);
	char *copy = arena_alloc(a, n + 1);

	if (n)
		memcpy(copy, text, n);
	s->scalar.text = copy;
	s->scalar.len = n;
	s->scalar.type = SCALAR_STRING;
	return s;
}

struct node *node_string(struct arena *a, const char *text)
{
	return node_string_n(a, text, strlen(text));
}

struct node *node_int(struct arena *a, int64_t value)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%lld", (long long)value);

	return node_scalar(a, text, (size_t)n, SCALAR_INT);
}

struct node *node_bool(struct arena *a, bool value)
{
	return value ? node_scalar(a, "true", 4, SCALAR_BOOL)
		     : node_scalar(a, "false", 5, SCALAR_BOOL);
}

struct node *node_null(struct arena *a)
{
	return node_scalar(a, "null", 4, SCALAR_NULL);
}

struct node *node_sequence(struct arena *a)
{
	return node_new(a, NODE_SEQUENCE);
}

struct node *node_mapping(struct arena *a)
{
	return node_new(a, NODE_MAPPING);
}

void node_push(struct arena *a, struct node *seq, struct node *item)
{
	if (seq->seq.n == seq->seq.cap) {
		size_t cap = seq->seq.cap ? 2 * seq->seq.cap : 4;
		struct node **v = arena_array(a, cap, sizeof(*v));

		if (seq->seq.n)
			memcpy(v, seq->seq.v, seq->seq.n * sizeof(*v));
		seq->seq.v = v;
		seq->seq.cap = cap;
	}
	seq->seq.v[seq->seq.n++] = item;
}

void node_put_node(struct arena *a, struct node *map, struct node *key,
		   struct node *value)
{
	if (map->map.n == map->map.cap) {
		size_t cap = map->map.cap ? 2 * map->map.cap : 4;
		struct node_pair *v = arena_array(a, cap, sizeof(*v));

		if (map->map.n)
			memcpy(v, map->map.v, map->map.n * sizeof(*v));
		map->map.v = v;
		map->map.cap = cap;
	}
	map->map.v[map->map.n++] = (struct node_pair){ key, value };
	if (!map->map.index || 2 * map->map.n > map->map.index->nslots) {
		if (map->map.n > INDEX_FROM)
			index_rebuild(a, map);
	} else {
		uint32_t *slot = index_slot(map, key->scalar.text);

		if (*slot == 0)
			*slot = (uint32_t)map->map.n;
	}
}

void node_put(struct arena *a, struct node *map, const char *key, struct node *value)
{
	node_put_node(a, map, node_string(a, key), value);
}

static struct node_pair *find_pair(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAPPING)
		return NULL;
	if (map->map.index) {
		uint32_t at = *index_slot(map, key);

		return at ? &map->map.v[at - 1] : NULL;
	}
	for (size_t i = 0; i < map->map.n; i++) {
		const char *text = map->map.v[i].key->scalar.text;

		/* Few keys get as far as the call. */
		if (*text == *key && str_eq(text, key))
			return &map->map.v[i];
	}
	return NULL;
}

void node_set(struct arena *a, struct node *map, const char *key, struct node *value)
{
	struct node_pair *pair = find_pair(map, key);

	if (pair)
		pair->value = value;
	else
		node_put(a, map, key, value);
}

bool node_remove(struct arena *a, struct node *map, const char *key)
{
	struct node_pair *pair = find_pair(map, key);
	size_t behind;

	if (!pair)
		return false;
	behind = map->map.n - (size_t)(pair - map->map.v) - 1;
	memmove(pair, pair + 1, behind * sizeof(*pair));
	map->map.n--;
	index_rebuild(a, map);
	return true;
}

struct node *node_shallow(struct arena *a, const struct node *n)
{
	struct node *copy = arena_alloc(a, sizeof(*copy));

	*copy = *n;
	if (copy->kind == NODE_SEQUENCE)
		copy->seq.cap = copy->seq.n; /* growing moves: the original stays */
	if (copy->kind == NODE_MAPPING) {
		copy->map.cap = copy->map.n;
		copy->map.index = NULL;
	}
	return copy;
}

const struct node_pair *node_find(const struct node *map, const char *key)
{
	return find_pair(map, key);
}

struct node *node_get(const struct node *map, const char *key)
{
	struct node_pair *pair = find_pair(map, key);

	return pair ? pair->value : NULL;
}

static const struct node *step(const struct node *n, const char *key)
{
	int64_t i;

	if (n->kind == NODE_MAPPING)
		return node_get(n, key);
	if (n->kind == NODE_SEQUENCE && str_to_i64(key, 0, INT32_MAX, &i) &&
	    (size_t)i < n->seq.n)
		return n->seq.v[i];
	return NULL;
}

struct node *node_at(const struct node *n, const char *path)
{
	while (n && path) {
		const char *dot = strchr(path, '.');
		size_t len = dot ? (size_t)(dot - path) : strlen(path);
		char part[256];

		if (len >= sizeof(part))
			return NULL;
		memcpy(part, path, len);
		part[len] = '\0';
		n = step(n, part);
		path = dot ? dot + 1 : NULL;
	}
	return (struct node *)n;
}

const char *node_text(const struct node *scalar)
{
	return scalar && scalar->kind == NODE_SCALAR ? scalar->scalar.text : NULL;
}

bool node_is(const struct node *scalar, const char *text)
{
	return scalar && scalar->kind == NODE_SCALAR && str_eq(scalar->scalar.text, text);
}

bool node_is_null(const struct node *n)
{
	return !n || (n->kind == NODE_SCALAR && !n->tag && n->scalar.type == SCALAR_NULL);
}

bool node_as_bool(const struct node *n, bool *out)
{
	if (!n || n->kind != NODE_SCALAR || n->tag)
		return false;
	if (n->scalar.type == SCALAR_BOOL)
		*out = n->scalar.text[0] == 't' || n->scalar.text[0] == 'T';
	else if (n->scalar.type == SCALAR_STRING && node_is(n, "true"))
		*out = true;
	else if (n->scalar.type == SCALAR_STRING && node_is(n, "false"))
		*out = false;
	else
		return false;
	return true;
}

bool node_as_int(const struct node *n, int64_t *out)
{
	const char *s = node_text(n);
	unsigned long long value;

	if (!s || n->tag)
		return false;
	if (n->scalar.type == SCALAR_INT && s[0] == '0' && (s[1] == 'x' || s[1] == 'o')) {
		errno = 0;
		value = strtoull(s + 2, NULL, s[1] == 'x' ? 16 : 8);
		*out = (int64_t)value;
		return !errno && value <= INT64_MAX;
	}
	if (n->scalar.type == SCALAR_INT && s[0] == '+')
		s++;
	if (n->scalar.type != SCALAR_INT && n->scalar.type != SCALAR_STRING)
		return false;
	return str_to_i64(s, INT64_MIN, INT64_MAX, out);
}

const char *node_kind_name(const struct node *n)
{
	static const char *const scalars[] = { "null", "true or false", "number",
					       "number", "string" };

	if (!n)
		return "null";
	if (n->tag)
		return "function";
	switch (n->kind) {
	case NODE_SEQUENCE:
		return "list";
	case NODE_MAPPING:
		return "map";
	case NODE_SCALAR:
		break;
	}
	return scalars[n->scalar.type];
}

static bool scalar_equal(const struct node *a, const struct node *b)
{
	bool x = false, y = false;
	int64_t i, j;

	if (a->scalar.type != b->scalar.type)
		return false;
	if (a->scalar.len == b->scalar.len &&
	    memcmp(a->scalar.text, b->scalar.text, a->scalar.len) == 0)
		return true;
	switch (a->scalar.type) {
	case SCALAR_NULL:
		return true;
	case SCALAR_BOOL:
		return node_as_bool(a, &x) && node_as_bool(b, &y) && x == y;
	case SCALAR_INT:
		if (node_as_int(a, &i) && node_as_int(b, &j))
			return i == j;
		return str_eq(a->scalar.text + (a->scalar.text[0] == '+'),
			      b->scalar.text + (b->scalar.text[0] == '+'));
	case SCALAR_FLOAT:
		return strtod(a->scalar.text, NULL) == strtod(b->scalar.text, NULL);
	case SCALAR_STRING:
		break;
	}
	return false;
}

bool node_equal(const struct node *a, const struct node *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->kind != b->kind || !str_eq(a->tag, b->tag))
		return false;
	if (a->kind == NODE_SCALAR)
		return scalar_equal(a, b);
	if (a->kind == NODE_SEQUENCE) {
		if (a->seq.n != b->seq.n)
			return false;
		for (size_t i = 0; i < a->seq.n; i++)
			if (!node_equal(a->seq.v[i], b->seq.v[i]))
				return false;
		return true;
	}
	if (a->map.n != b->map.n)
		return false;
	for (size_t i = 0; i < a->map.n; i++) {
		const struct node_pair *p = &a->map.v[i];
		const struct node_pair *q = find_pair(b, p->key->scalar.text);

		if (!q || !node_equal(p->value, q->value))
			return false;
	}
	return true;
}

/* Most nodes of a document name one file: its name is copied once. */
struct copied_file {
	const char *from, *to;
};

static struct node *copy_node(struct arena *a, const struct node *n,
			      struct copied_file *f)
{
	struct node *copy;

	if (n->kind == NODE_SCALAR) {
		copy = node_string_n(a, n->scalar.text, n->scalar.len);
		copy->scalar.type = n->scalar.type;
	} else if (n->kind == NODE_SEQUENCE) {
		copy = node_sequence(a);
		for (size_t i = 0; i < n->seq.n; i++)
			node_push(a, copy, copy_node(a, n->seq.v[i], f));
	} else {
		copy = node_mapping(a);
		for (size_t i = 0; i < n->map.n; i++)
			node_put_node(a, copy, copy_node(a, n->map.v[i].key, f),
				      copy_node(a, n->map.v[i].value, f));
	}
	if (n->pos.file && n->pos.file != f->from) {
		f->from = n->pos.file;
		f->to = arena_strdup(a, n->pos.file);
	}
	copy->pos = n->pos;
	copy->pos.file = n->pos.file ? f->to : NULL;
	copy->tag = n->tag ? arena_strdup(a, n->tag) : NULL;
	return copy;
}

struct node *node_copy(struct arena *a, const struct node *n)
{
	struct copied_file f = { NULL, NULL };

	return n ? copy_node(a, n, &f) : NULL;
}
