#include "cfn/facts.h"

#include "base/str.h"
#include "cfn/factbook.h"

static bool is_index(const char *name)
{
	int64_t i;

	return str_eq(name, "[]") || str_to_i64(name, 0, INT32_MAX, &i);
}

/* The facts of what a property holds under `name`: a key, an index or "[]"; or NULL. */
static const struct fact *inner(const struct fact *fact, const char *name)
{
	if (fact && fact->items)
		return is_index(name) ? fact->items : inner(fact->items, name);
	if (fact && fact->of)
		return fact_property(fact, name, strlen(name));
	return fact ? fact->values : NULL;
}

bool cfn_type_known(const char *type)
{
	return factbook_type(type) != NULL;
}

bool cfn_type_stateful(const char *type)
{
	const struct type_facts *facts = factbook_type(type);

	return facts && node_get(facts->node, "stateful");
}

bool cfn_type_has_attribute(const char *type, const char *attribute)
{
	const struct type_facts *facts = factbook_type(type);
	const struct node *attributes;

	if (!facts)
		return false;
	if (node_get(facts->node, "any_property") &&
	    fact_property(&facts->properties, attribute, strlen(attribute)))
		return true;
	attributes = node_get(facts->node, "attributes");
	for (size_t i = 0; i < attributes->map.n; i++)
		if (str_glob(attributes->map.v[i].key->scalar.text, attribute))
			return true;
	return false;
}

enum cfn_update cfn_property_update(const char *type, const char *path)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	const struct type_facts *facts = factbook_type(type);
	const struct fact *fact = facts ? &facts->properties : NULL;
	enum cfn_update update = CFN_UPDATE_IN_PLACE;

	strs_split(&parts, path, '.');
	for (size_t i = 0; fact && i < parts.n; i++) {
		fact = inner(fact, parts.v[i]);
		if (fact && fact->update == CFN_UPDATE_REPLACE)
			return CFN_UPDATE_REPLACE;
		if (fact && fact->update == CFN_UPDATE_MAYBE)
			update = CFN_UPDATE_MAYBE;
	}
	return update;
}
