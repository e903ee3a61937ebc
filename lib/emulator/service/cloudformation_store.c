#include "emulator/service/cloudformation.h"

#include "base/digest.h"
#include "base/json.h"

const char engine_schema[] =
	"CREATE TABLE IF NOT EXISTS cfn_stacks ("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
	" name TEXT NOT NULL, region TEXT NOT NULL, deleted INTEGER NOT NULL,"
	" status TEXT NOT NULL, doc TEXT NOT NULL, deployed TEXT, operation TEXT);"
	"CREATE UNIQUE INDEX IF NOT EXISTS cfn_stacks_name ON cfn_stacks (region, name)"
	" WHERE deleted = 0;"
	"CREATE TABLE IF NOT EXISTS cfn_resources ("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT, stack_id TEXT NOT NULL,"
	" logical_id TEXT NOT NULL, type TEXT NOT NULL, physical_id TEXT,"
	" suffix TEXT NOT NULL, status TEXT NOT NULL, reason TEXT,"
	" updated_ms INTEGER NOT NULL, def TEXT NOT NULL, attributes TEXT, before TEXT,"
	" place INTEGER NOT NULL, fresh INTEGER NOT NULL);"
	"CREATE INDEX IF NOT EXISTS cfn_resources_stack ON cfn_resources (stack_id, seq);"
	"CREATE INDEX IF NOT EXISTS cfn_resources_physical ON cfn_resources "
	"(physical_id);"
	"CREATE TABLE IF NOT EXISTS cfn_events ("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT, stack_id TEXT NOT NULL,"
	" time_ms INTEGER NOT NULL, doc TEXT NOT NULL);"
	"CREATE INDEX IF NOT EXISTS cfn_events_stack ON cfn_events (stack_id, seq);"
	"CREATE TABLE IF NOT EXISTS cfn_change_sets ("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
	" stack_id TEXT NOT NULL, name TEXT NOT NULL, doc TEXT NOT NULL,"
	" desired TEXT NOT NULL, findings TEXT, token TEXT);"
	"CREATE UNIQUE INDEX IF NOT EXISTS cfn_change_sets_name"
	" ON cfn_change_sets (stack_id, name);"
	"CREATE TABLE IF NOT EXISTS cfn_exports ("
	" region TEXT NOT NULL, name TEXT NOT NULL, stack_id TEXT NOT NULL,"
	" value TEXT NOT NULL, PRIMARY KEY (region, name));"
	"CREATE TABLE IF NOT EXISTS cfn_imports ("
	" region TEXT NOT NULL, name TEXT NOT NULL, stack_id TEXT NOT NULL,"
	" PRIMARY KEY (region, name, stack_id));";

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static cJSON *parse(const char *text)
{
	return text ? cJSON_Parse(text) : NULL;
}

static char *print(const cJSON *j)
{
	return j ? json_text(j) : NULL;
}

void engine_stack_release(struct engine_stack *s)
{
	free(s->id);
	free(s->name);
	cJSON_Delete(s->doc);
	cJSON_Delete(s->deployed);
	cJSON_Delete(s->operation);
	*s = (struct engine_stack){ 0 };
}

const char *engine_status(const struct engine_stack *s)
{
	return json_str(s->doc, "StackStatus", "");
}

bool engine_busy(const struct engine_stack *s)
{
	return s->operation != NULL;
}

static void resource_free(struct engine_resource *r)
{
	free(r->logical_id);
	free(r->type);
	free(r->physical_id);
	free(r->suffix);
	free(r->status);
	free(r->reason);
	cJSON_Delete(r->def);
	cJSON_Delete(r->attributes);
	cJSON_Delete(r->before);
	free(r);
}

void engine_resources_release(struct engine_resources *l)
{
	for (size_t i = 0; i < l->n; i++)
		resource_free(l->v[i]);
	free(l->v);
	*l = (struct engine_resources){ 0 };
}

static struct engine_resource *append(struct engine_resources *l)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 16;
		l->v = xrealloc(l->v, l->cap * sizeof(struct engine_resource *));
	}
	l->v[l->n] = xcalloc(1, sizeof(struct engine_resource));
	return l->v[l->n++];
}

struct engine_resource *engine_live(const struct engine_resources *l,
				    const char *logical_id)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (l->v[i]->place == PLACE_LIVE &&
		    str_eq(l->v[i]->logical_id, logical_id))
			return l->v[i];
	return NULL;
}

/* 12 capitals and digits. */
static char *new_suffix(void)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	uint8_t random[12];
	char *suffix = xcalloc(1, sizeof(random) + 1);

	random_bytes(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		suffix[i] = letters[random[i] % (sizeof(letters) - 1)];
	return suffix;
}

struct engine_resource *engine_resources_add(struct engine_resources *l,
					     const char *logical_id, cJSON *def)
{
	struct engine_resource *r = append(l);

	r->logical_id = xstrdup(logical_id);
	r->type = xstrdup(json_str(def, "Type", ""));
	r->suffix = new_suffix();
	r->status = xstrdup("");
	r->def = def;
	r->fresh = true;
	return r;
}

int engine_begin(struct call *c)
{
	struct fp_error err = { 0 };

	return store_begin(c->emu->store, &err) < 0 ? fault_from(&c->fault, &err) : 0;
}

int engine_commit(struct call *c)
{
	struct fp_error err = { 0 };

	return store_commit(c->emu->store, &err) < 0 ? fault_from(&c->fault, &err) : 0;
}

void engine_rollback(struct call *c)
{
	store_rollback(c->emu->store);
}

int engine_stack_find(struct engine_stack *out, struct call *c, const char *name)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	int rc;

	*out = (struct engine_stack){ 0 };
	if (str_starts(name, "arn:"))
		rc = store_query(&r, c->emu->store, &err,
				 "SELECT seq, id, name, doc, deployed, operation"
				 " FROM cfn_stacks WHERE id = ?",
				 "s", name);
	else
		rc = store_query(&r, c->emu->store, &err,
				 "SELECT seq, id, name, doc, deployed, operation"
				 " FROM cfn_stacks"
				 " WHERE region = ? AND name = ? AND deleted = 0",
				 "ss", c->region, name);
	if (rc < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return 0;
	out->seq = store_int(&r, 0);
	out->id = xstrdup(store_text(&r, 1));
	out->name = xstrdup(store_text(&r, 2));
	out->doc = parse(store_text(&r, 3));
	out->deployed = parse(store_text(&r, 4));
	out->operation = parse(store_text(&r, 5));
	return 1;
}

int engine_stack_get(struct engine_stack *out, struct call *c, const char *name)
{
	int rc = engine_stack_find(out, c, name);

	if (rc == 0)
		return fault_set(&c->fault, 400, "ValidationError",
				 "Stack with id %s does not exist", name);
	return rc < 0 ? -1 : 0;
}

/* Of the row that this transaction has just inserted. */
static int last_seq(struct call *c, int64_t *seq)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err, "SELECT last_insert_rowid()", "") < 0)
		return fault_from(&c->fault, &err);
	*seq = store_next(&r) ? store_int(&r, 0) : 0;
	return 0;
}

int engine_stack_save(struct call *c, struct engine_stack *s)
{
	FP_AUTO(freep) char *doc = print(s->doc);
	FP_AUTO(freep) char *deployed = print(s->deployed);
	FP_AUTO(freep) char *operation = print(s->operation);
	int64_t deleted = str_eq(engine_status(s), "DELETE_COMPLETE");
	struct store *store = c->emu->store;
	struct fp_error err = { 0 };
	int rc;

	if (s->seq)
		rc = store_exec(store, &err,
				"UPDATE cfn_stacks SET deleted = ?, status = ?, doc = ?,"
				" deployed = ?, operation = ? WHERE seq = ?",
				"issssi", deleted, engine_status(s), doc, deployed,
				operation, s->seq);
	else
		rc = store_exec(
			store, &err,
			"INSERT INTO cfn_stacks (id, name, region, deleted, status,"
			" doc, deployed, operation) VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
			"sssssss", s->id, s->name, c->region, engine_status(s), doc,
			deployed, operation);
	if (rc < 0)
		return fault_from(&c->fault, &err);
	return s->seq ? 0 : last_seq(c, &s->seq);
}

int engine_resources_load(struct engine_resources *out, struct call *c,
			  const char *stack_id)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (store_query(
		    &r, c->emu->store, &err,
		    "SELECT seq, logical_id, type, physical_id, suffix, status, reason,"
		    " updated_ms, def, attributes, before, place, fresh"
		    " FROM cfn_resources WHERE stack_id = ? ORDER BY seq",
		    "s", stack_id) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		struct engine_resource *e = append(out);

		e->seq = store_int(&r, 0);
		e->logical_id = xstrdup(store_text(&r, 1));
		e->type = xstrdup(store_text(&r, 2));
		e->physical_id = copy(store_text(&r, 3));
		e->suffix = xstrdup(store_text(&r, 4));
		e->status = xstrdup(store_text(&r, 5));
		e->reason = copy(store_text(&r, 6));
		e->updated_ms = store_int(&r, 7);
		e->def = parse(store_text(&r, 8));
		e->attributes = parse(store_text(&r, 9));
		e->before = parse(store_text(&r, 10));
		e->place = (enum engine_place)store_int(&r, 11);
		e->fresh = store_int(&r, 12) != 0;
	}
	return 0;
}

int engine_resource_save(struct call *c, const char *stack_id, struct engine_resource *r)
{
	FP_AUTO(freep) char *def = print(r->def);
	FP_AUTO(freep) char *attributes = print(r->attributes);
	FP_AUTO(freep) char *before = print(r->before);
	struct store *store = c->emu->store;
	struct fp_error err = { 0 };
	int rc;

	if (r->seq)
		rc = store_exec(store, &err,
				"UPDATE cfn_resources SET physical_id = ?, status = ?,"
				" reason = ?, updated_ms = ?, def = ?, attributes = ?,"
				" before = ?, place = ?, fresh = ? WHERE seq = ?",
				"sssisssiii", r->physical_id, r->status, r->reason,
				r->updated_ms, def, attributes, before, (int64_t)r->place,
				(int64_t)r->fresh, r->seq);
	else
		rc = store_exec(store, &err,
				"INSERT INTO cfn_resources (stack_id, logical_id, type,"
				" physical_id, suffix, status, reason, updated_ms, def,"
				" attributes, before, place, fresh)"
				" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				"sssssssisssii", stack_id, r->logical_id, r->type,
				r->physical_id, r->suffix, r->status, r->reason,
				r->updated_ms, def, attributes, before, (int64_t)r->place,
				(int64_t)r->fresh);
	if (rc < 0)
		return fault_from(&c->fault, &err);
	return r->seq ? 0 : last_seq(c, &r->seq);
}

int engine_resource_erase(struct call *c, struct engine_resources *l,
			  struct engine_resource *r)
{
	struct fp_error err = { 0 };
	size_t i = 0;

	if (store_exec(c->emu->store, &err, "DELETE FROM cfn_resources WHERE seq = ?",
		       "i", r->seq) < 0)
		return fault_from(&c->fault, &err);
	while (l->v[i] != r)
		i++;
	memmove(l->v + i, l->v + i + 1, (--l->n - i) * sizeof(struct engine_resource *));
	resource_free(r);
	return 0;
}

char *engine_owner(struct call *c, const char *physical_id)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	if (store_query(&r, c->emu->store, NULL,
			"SELECT stack_id FROM cfn_resources"
			" WHERE physical_id = ? AND place = ? ORDER BY seq DESC",
			"si", physical_id, (int64_t)PLACE_LIVE) < 0 ||
	    !store_next(&r))
		return NULL;
	return xstrdup(store_text(&r, 0));
}

static int forget_exports(struct call *c, const char *stack_id, struct fp_error *err)
{
	struct store *s = c->emu->store;

	if (store_exec(s, err, "DELETE FROM cfn_exports WHERE stack_id = ?", "s",
		       stack_id) < 0)
		return -1;
	return store_exec(s, err, "DELETE FROM cfn_imports WHERE stack_id = ?", "s",
			  stack_id);
}

int engine_exports_save(struct call *c, const struct engine_stack *s,
			const cJSON *outputs, const struct strs *imports)
{
	struct store *store = c->emu->store;
	struct fp_error err = { 0 };
	int rc = forget_exports(c, s->id, &err);

	json_each (o, outputs)
		if (rc >= 0 && json_str(o, "ExportName", NULL))
			rc = store_exec(store, &err,
					"INSERT INTO cfn_exports (region, name, stack_id,"
					" value) VALUES (?, ?, ?, ?)",
					"ssss", c->region, json_str(o, "ExportName", ""),
					s->id, json_str(o, "OutputValue", ""));
	for (size_t i = 0; rc >= 0 && imports && i < imports->n; i++)
		rc = store_exec(
			store, &err,
			"INSERT OR IGNORE INTO cfn_imports (region, name, stack_id)"
			" VALUES (?, ?, ?)",
			"sss", c->region, imports->v[i], s->id);
	return rc < 0 ? fault_from(&c->fault, &err) : 0;
}

char *engine_export(struct call *c, const char *name, char **owner)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	if (store_query(&r, c->emu->store, NULL,
			"SELECT value, stack_id FROM cfn_exports"
			" WHERE region = ? AND name = ?",
			"ss", c->region, name) < 0 ||
	    !store_next(&r))
		return NULL;
	if (owner)
		*owner = xstrdup(store_text(&r, 1));
	return xstrdup(store_text(&r, 0));
}

char *engine_importer(struct call *c, const struct engine_stack *s, const char *name)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	if (store_query(&r, c->emu->store, NULL,
			"SELECT s.name FROM cfn_imports i"
			" JOIN cfn_stacks s ON s.id = i.stack_id"
			" WHERE i.region = ? AND i.name = ? AND i.stack_id <> ?",
			"sss", c->region, name, s->id) < 0 ||
	    !store_next(&r))
		return NULL;
	return xstrdup(store_text(&r, 0));
}
