#include "cfn/factbook.h"

#include <math.h>
#include <pthread.h>

#include "base/embed.h"
#include "base/str.h"

/* facts.json, compiled in: what it says of itself, then the types in order of names. */
extern const struct embed_nodes embed_facts[];

#define MAX_TYPES 64

/* The arena lives as long as the program: every thread reads from it. */
static struct {
	pthread_mutex_t lock;
	struct arena arena;
	struct type_facts *types[MAX_TYPES]; /* NULL: not asked for yet */
} book = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool is_word(const char *text, size_t n, const char *word)
{
	return strncmp(text, word, n) == 0 && word[n] == '\0';
}

static unsigned kind_of(const char *text, size_t n)
{
	static const struct {
		const char *word;
		unsigned kind;
	} kinds[] = { { "string", FACT_STRING }, { "integer", FACT_INTEGER },
		      { "number", FACT_NUMBER }, { "boolean", FACT_BOOLEAN },
		      { "json", FACT_JSON },	 { "object", FACT_OBJECT },
		      { "tag", FACT_OBJECT },	 { "map", FACT_MAP },
		      { "array", FACT_ARRAY } };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (is_word(text, n, kinds[i].word))
			return kinds[i].kind;
	return 0;
}

/* "string|json required replace" */
static void read_words(struct fact *f, const char *words)
{
	size_t n;

	for (const char *w = words; *w; w += n + (w[n] != '\0')) {
		n = strcspn(w, " |");
		f->kinds |= kind_of(w, n);
		f->required |= is_word(w, n, "required");
		f->unique |= is_word(w, n, "unique");
		f->fixed |= is_word(w, n, "fixed");
		f->secret |= is_word(w, n, "secret");
		if (is_word(w, n, "replace"))
			f->update = CFN_UPDATE_REPLACE;
		else if (is_word(w, n, "maybe") && f->update != CFN_UPDATE_REPLACE)
			f->update = CFN_UPDATE_MAYBE;
	}
}

static double number_or(const struct node *n, double otherwise)
{
	return node_text(n) ? strtod(node_text(n), NULL) : otherwise;
}

static struct fact_range read_range(const struct node *n, const char *min,
				    const char *max)
{
	return (struct fact_range){ number_or(node_get(n, min), -INFINITY),
				    number_or(node_get(n, max), INFINITY) };
}

static enum fact_policy read_policy(const char *word)
{
	return str_eq(word, "identity")	  ? POLICY_IDENTITY
	       : str_eq(word, "resource") ? POLICY_RESOURCE
	       : str_eq(word, "trust")	  ? POLICY_TRUST
					  : POLICY_NONE;
}

static void read_fact(struct fact *f, const struct node *n);

static struct fact *read_inner(const struct node *n)
{
	struct fact *f = n ? arena_alloc(&book.arena, sizeof(*f)) : NULL;

	if (f)
		read_fact(f, n);
	return f;
}

static void read_properties(struct fact *f, const struct node *of)
{
	f->nof = of->map.n;
	f->of = arena_array(&book.arena, f->nof, sizeof(*f->of));
	for (size_t i = 0; i < f->nof; i++) {
		f->of[i].name = of->map.v[i].key->scalar.text;
		f->of[i].name_len = of->map.v[i].key->scalar.len;
		read_fact(&f->of[i], of->map.v[i].value);
	}
}

/* Tags are told apart by their keys. */
static bool is_tags(const struct node *n)
{
	return node_is(node_get(node_get(n, "items"), "is"), "tag");
}

static void read_fact(struct fact *f, const struct node *n)
{
	const struct node *of = node_get(n, "of"), *keys = node_get(n, "uniqueKeys");

	read_words(f, str_or(node_text(n), str_or(node_text(node_get(n, "is")), "")));
	f->length = read_range(n, "minLength", "maxLength");
	f->value = read_range(n, "minimum", "maximum");
	f->size = read_range(n, "minItems", "maxItems");
	f->policy = read_policy(node_text(node_get(n, "policy")));
	f->pattern = node_text(node_get(n, "pattern"));
	f->format = node_text(node_get(n, "format"));
	f->keys = node_text(node_get(n, "keys"));
	f->key = keys ? node_text(keys->seq.v[0]) : is_tags(n) ? "Key" : NULL;
	f->allowed = node_get(n, "enum");
	f->refs = node_get(n, "refs");
	f->rules = node_get(n, "rules");
	f->items = read_inner(node_get(n, "items"));
	f->values = read_inner(node_get(n, "values"));
	if (of)
		read_properties(f, of);
}

static struct type_facts *read_type(const struct node_pair *p)
{
	struct type_facts *t = arena_alloc(&book.arena, sizeof(*t));

	t->name = p->key->scalar.text;
	t->node = p->value;
	read_fact(&t->properties, p->value);
	t->properties.kinds = FACT_OBJECT;
	return t;
}

static const struct node_pair *first_type(size_t *n)
{
	const struct node *facts = embed_facts[0].root;

	*n = FP_MIN(facts->map.n - 1, (size_t)MAX_TYPES);
	return facts->map.v + 1;
}

static int compare_name(const void *name, const void *pair)
{
	return strcmp(name, ((const struct node_pair *)pair)->key->scalar.text);
}

const struct type_facts *factbook_type(const char *type)
{
	size_t n;
	const struct node_pair *all = first_type(&n);
	const struct node_pair *p = bsearch(type, all, n, sizeof(*p), compare_name);
	struct type_facts **read;

	if (!p)
		return NULL;
	read = &book.types[p - all];
	pthread_mutex_lock(&book.lock);
	if (!*read)
		*read = read_type(p);
	pthread_mutex_unlock(&book.lock);
	return *read;
}

const struct fact *fact_property(const struct fact *object, const char *name, size_t n)
{
	for (size_t i = 0; i < object->nof; i++)
		if (object->of[i].name_len == n &&
		    memcmp(object->of[i].name, name, n) == 0)
			return &object->of[i];
	return NULL;
}

void factbook_each(void (*fn)(void *ctx, const struct type_facts *type), void *ctx)
{
	size_t n;
	const struct node_pair *all = first_type(&n);

	for (size_t i = 0; i < n; i++)
		fn(ctx, factbook_type(all[i].key->scalar.text));
}
