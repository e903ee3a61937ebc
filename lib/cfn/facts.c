#include "cfn/facts.h"

#include <pthread.h>

#include "base/str.h"
#include "cfn/factbook.h"
#include "yaml/load.h"

extern const unsigned char embed_lib_cfn_facts_json[];
extern const size_t embed_lib_cfn_facts_json_size;

static struct node *book;

/* The arena lives as long as the program: every thread reads from it. */
static void load_book(void)
{
	static struct arena arena = ARENA_INIT;
	struct fp_error err = { 0 };

	if (node_load_one(&book, &arena, (const char *)embed_lib_cfn_facts_json,
			  embed_lib_cfn_facts_json_size, "facts.json", &err) < 0)
		fp_die("the facts compiled in cannot be read: %s: %s", err.where,
		       err.message);
}

const struct node *factbook_type(const char *type)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_book);
	return str_starts(type, "AWS::") ? node_get(book, type) : NULL;
}

bool factbook_says(const struct node *fact, const char *word)
{
	const char *words = node_text(
		fact && fact->kind == NODE_MAPPING ? node_get(fact, "is") : fact);
	size_t len = strlen(word);

	for (const char *at = words; at && (at = strstr(at, word)) != NULL; at += len)
		if ((at == words || at[-1] == ' ' || at[-1] == '|') &&
		    (at[len] == '\0' || at[len] == ' ' || at[len] == '|'))
			return true;
	return false;
}

static bool is_index(const char *name)
{
	int64_t i;

	return str_eq(name, "[]") || str_to_i64(name, 0, INT32_MAX, &i);
}

/* The facts of what a property holds under `name`: a key, an index or "[]"; or NULL. */
static const struct node *inner(const struct node *fact, const char *name)
{
	const struct node *items = node_get(fact, "items");

	if (items)
		return is_index(name) ? items : inner(items, name);
	if (node_get(fact, "of"))
		return node_get(node_get(fact, "of"), name);
	return node_get(fact, "values");
}

bool cfn_type_known(const char *type)
{
	return factbook_type(type) != NULL;
}

bool cfn_type_stateful(const char *type)
{
	return node_get(factbook_type(type), "stateful") != NULL;
}

bool cfn_type_has_attribute(const char *type, const char *attribute)
{
	const struct node *fact = factbook_type(type);
	const struct node *attributes = node_get(fact, "attributes");

	if (!fact)
		return false;
	if (node_get(fact, "any_property") &&
	    node_get(node_get(fact, "properties"), attribute))
		return true;
	for (size_t i = 0; i < attributes->seq.n; i++)
		if (str_glob(attributes->seq.v[i]->scalar.text, attribute))
			return true;
	return false;
}

enum cfn_update cfn_property_update(const char *type, const char *path)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	const struct node *fact = NULL;
	enum cfn_update update = CFN_UPDATE_IN_PLACE;

	strs_split(&parts, path, '.');
	for (size_t i = 0; i < parts.n; i++) {
		fact = i ? inner(fact, parts.v[i])
			 : node_get(node_get(factbook_type(type), "properties"),
				    parts.v[i]);
		if (factbook_says(fact, "replace"))
			return CFN_UPDATE_REPLACE;
		if (factbook_says(fact, "maybe"))
			update = CFN_UPDATE_MAYBE;
	}
	return update;
}
