#include "cfn/factbook.h"

#include <math.h>
#include <pthread.h>

#include "base/str.h"
#include "yaml/load.h"

extern const unsigned char embed_lib_cfn_facts_json[];
extern const size_t embed_lib_cfn_facts_json_size;

#define MAX_TYPES 64

/* A line of facts.json: "NAME":{...},  */
struct slot {
	char name[64];
	const char *text;
	size_t len;
	struct type_facts *facts; /* NULL: not read yet */
};

/* The arena lives as long as the program: every thread reads from it. */
static struct {
	pthread_mutex_t lock;
	struct arena arena;
	struct slot slots[MAX_TYPES];
	size_t n;
} book = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Where each type's line is; facts.json has one line a type, in order of names. */
static void index_lines(void)
{
	const char *text = (const char *)embed_lib_cfn_facts_json;
	const char *end = text + embed_lib_cfn_facts_json_size, *nl;

	for (; text < end && book.n < MAX_TYPES; text = nl + 1) {
		const char *colon = strstr(text, "\":{");
		struct slot *slot = &book.slots[book.n];

		nl = memchr(text, '\n', (size_t)(end - text));
		if (!nl)
			break;
		if (!str_starts(text, "\"AWS::") || !colon ||
		    (size_t)(colon - text) > sizeof(slot->name))
			continue;
		snprintf(slot->name, sizeof(slot->name), "%.*s", (int)(colon - text) - 1,
			 text + 1);
		slot->text = colon + 2;
		slot->len = (size_t)(nl - slot->text) - (nl[-1] == ',');
		book.n++;
	}
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; (at = strstr(at, word)) != NULL; at += len)
		if ((at == words || at[-1] == ' ' || at[-1] == '|') &&
		    (at[len] == '\0' || at[len] == ' ' || at[len] == '|'))
			return true;
	return false;
}

static void read_words(struct fact *f, const char *words)
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
		if (has_word(words, kinds[i].word))
			f->kinds |= kinds[i].kind;
	f->required = has_word(words, "required");
	f->unique = has_word(words, "unique");
	f->fixed = has_word(words, "fixed");
	f->secret = has_word(words, "secret");
	f->update = has_word(words, "replace") ? CFN_UPDATE_REPLACE
		    : has_word(words, "maybe") ? CFN_UPDATE_MAYBE
					       : CFN_UPDATE_IN_PLACE;
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
	const char *items = node_text(node_get(node_get(n, "items"), "is"));

	return items && has_word(items, "tag");
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

static struct type_facts *read_type(const struct slot *slot)
{
	struct type_facts *t = arena_alloc(&book.arena, sizeof(*t));
	struct fp_error err = { 0 };
	struct node *node;

	if (node_load_one(&node, &book.arena, slot->text, slot->len, "facts.json", &err) <
	    0)
		fp_die("the facts compiled in cannot be read: %s: %s", err.where,
		       err.message);
	t->name = slot->name;
	t->node = node;
	read_fact(&t->properties, node);
	t->properties.kinds = FACT_OBJECT;
	return t;
}

static struct type_facts *take_facts(struct slot *slot)
{
	if (!slot->facts)
		slot->facts = read_type(slot);
	return slot->facts;
}

static int compare_name(const void *name, const void *slot)
{
	return strcmp(name, ((const struct slot *)slot)->name);
}

const struct type_facts *factbook_type(const char *type)
{
	struct type_facts *found = NULL;
	struct slot *slot;

	pthread_mutex_lock(&book.lock);
	if (!book.n)
		index_lines();
	slot = bsearch(type, book.slots, book.n, sizeof(*slot), compare_name);
	if (slot)
		found = take_facts(slot);
	pthread_mutex_unlock(&book.lock);
	return found;
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

	factbook_type("");
	n = book.n;
	for (size_t i = 0; i < n; i++)
		fn(ctx, factbook_type(book.slots[i].name));
}
