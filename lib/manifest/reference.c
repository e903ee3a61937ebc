#include "manifest/reference.h"

#include "base/str.h"
#include "manifest/checker.h"
#include "yaml/load.h"

struct writer {
	struct buf *out;
	struct arena arena;
	const struct schema *schema;
	const struct children *children; /* by row */
};

static const char intro[] =
	"# The manifest\n\n"
	"`fpctl.yaml` is one YAML document. `fpctl init` writes a first one, `fpctl "
	"validate` checks it,\n"
	"and `fpctl bucket`, `fpctl processor`, `fpctl set` and `fpctl unset` change it "
	"in "
	"place.\n"
	"This page is made from the same table as the checks (`fpctl schema "
	"--markdown`).\n\n"
	"An editor that knows JSON Schema completes and checks the fields: write the "
	"schema with\n"
	"`fpctl schema -o fpctl.schema.json` and begin the manifest with\n\n"
	"```yaml\n# yaml-language-server: $schema=fpctl.schema.json\n```\n\n"
	"Durations have their unit: `90s`, `15m`, `30d`. An account is text: "
	"`\"111122223333\"`.\n"
	"Where a list is allowed, one value stands for a list of one. Anchors and merge "
	"keys (`<<`) work;\n"
	"a duplicate key is an error.\n";

static const struct children *below(const struct writer *w, const struct field *f)
{
	return &w->children[f - w->schema->fields];
}

static const struct field *item_of(const struct writer *w, const struct field *map)
{
	return map->type == FIELD_MAP ? children_find(below(w, map), "*") : NULL;
}

static void put_words(struct buf *out, const struct field *f)
{
	FP_AUTO(strs_release) struct strs words = STRS_INIT;

	strs_split(&words, f->words, ' ');
	for (size_t i = 0; i < words.n; i++)
		buf_printf(out, "%s`%s`", i ? ", " : "", words.v[i]);
}

static void put_string(struct buf *out, const struct field *f)
{
	if (f->words)
		put_words(out, f);
	if (f->words && f->allowed)
		buf_puts(out, ", or ");
	buf_puts(out, str_or(f->allowed, f->words ? "" : "text"));
}

static void put_range(struct buf *out, const struct field *f, const char *unit)
{
	buf_printf(out, "%lld%s to %lld%s", (long long)f->min, unit, (long long)f->max,
		   unit);
	if (f->unit)
		buf_printf(out, " %s", f->unit);
}

static void put_scalar(struct buf *out, const struct field *f)
{
	switch (f->type) {
	case FIELD_BOOL:
		buf_puts(out, "`true`, `false`");
		break;
	case FIELD_INT:
		put_range(out, f, "");
		break;
	case FIELD_DURATION:
		put_range(out, f, "s");
		break;
	case FIELD_DAYS:
		if (f->words)
			put_words(out, f);
		else
			put_range(out, f, "d");
		break;
	case FIELD_PERCENT:
		put_range(out, f, "%");
		break;
	default:
		put_string(out, f);
	}
}

/* What may be written: "one or a list: an e-mail address". */
static void put_type(const struct writer *w, struct buf *out, const struct field *f)
{
	const struct field *item = item_of(w, f);

	if (f->type == FIELD_OBJECT) {
		if (f->words) {
			put_words(out, f);
			buf_puts(out, ", or ");
		}
		buf_puts(out, "a map");
	} else if (item) {
		buf_puts(out, "a map of names");
		if (item->type != FIELD_OBJECT) {
			buf_puts(out, " to ");
			put_type(w, out, item);
		}
		if (f->shorthand)
			buf_puts(out, ", one value, or a list");
	} else {
		if (f->flags & FIELD_LIST)
			buf_puts(out, "one or a list: ");
		put_scalar(out, f);
	}
}

static void put_cell(struct writer *w, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			buf_putc(w->out, '\\');
		buf_putc(w->out, *text);
	}
}

static void put_default(struct writer *w, const struct field *f)
{
	if (f->flags & FIELD_REQUIRED)
		buf_puts(w->out, "required");
	else if (f->fallback && (f->type != FIELD_OBJECT || f->words))
		buf_printf(w->out, "`%s`", f->fallback);
}

static void put_row(struct writer *w, const struct field *f, const char *name)
{
	FP_AUTO(buf_release) struct buf type = BUF_INIT;

	put_type(w, &type, f);
	buf_printf(w->out, "| `%s` | ", name);
	put_cell(w, buf_str(&type));
	buf_puts(w->out, " | ");
	put_default(w, f);
	buf_puts(w->out, " | ");
	put_cell(w, f->doc);
	buf_puts(w->out, " |\n");
}

/* The fields of an object; those of objects in it have dotted names. */
static void put_rows(struct writer *w, const struct field *object, const char *prefix)
{
	const struct children *c = below(w, object);

	for (size_t i = 0; i < c->n; i++) {
		FP_AUTO(freep)
		char *name = xasprintf("%s%s", prefix, field_name(c->v[i]));
		FP_AUTO(freep) char *inner = xasprintf("%s.", name);

		/* Beside its own an environment has the document's fields. */
		if (object->flags & FIELD_PARTIAL &&
		    !str_starts(c->v[i]->path, object->path))
			continue;
		put_row(w, c->v[i], name);
		if (*object->path && c->v[i]->type == FIELD_OBJECT)
			put_rows(w, c->v[i], inner);
	}
}

static struct node *parse(struct writer *w, const char *yaml)
{
	struct fp_error err = { 0 };
	struct node *n;

	if (node_load_one(&n, &w->arena, yaml, strlen(yaml), "the schema", &err) < 0)
		fp_die("an example of the schema is no YAML: %s", err.message);
	return n;
}

/* A name for an item: the one of the map's example. */
static const char *sample_name(struct writer *w, const struct field *map)
{
	const struct node *n = map->example ? parse(w, map->example) : NULL;

	if (n && n->kind == NODE_MAPPING && n->map.n)
		return node_text(n->map.v[0].key);
	return "results";
}

static void put_example(struct writer *w, const struct field *object, size_t depth)
{
	const struct children *c = below(w, object);

	for (size_t i = 0; i < c->n; i++) {
		const struct field *f = c->v[i];

		if (object->flags & FIELD_PARTIAL && !str_starts(f->path, object->path))
			continue;
		buf_fill(w->out, ' ', depth);
		buf_printf(w->out, "%s:", field_name(f));
		if (f->type == FIELD_OBJECT && !f->words) {
			buf_putc(w->out, '\n');
			put_example(w, f, depth + 2);
		} else {
			buf_printf(w->out, " %s\n", str_or(f->example, "..."));
		}
	}
}

static void put_sentence(struct writer *w, const char *text)
{
	buf_putc(w->out,
		 *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text);
	buf_puts(w->out, text + 1);
	buf_putc(w->out, '.');
}

/* One field of the document with fields of its own. */
static void put_section(struct writer *w, const struct field *f)
{
	const struct field *item = item_of(w, f);
	const struct field *object = item ? item : f;

	buf_printf(w->out, "\n## %s\n\n", f->path);
	put_sentence(w, f->doc);
	if (item && f->allowed)
		buf_printf(w->out, " A name has %s; at most %lld characters.", f->allowed,
			   (long long)f->max);
	buf_puts(w->out, "\n\n");
	if (object->flags & FIELD_PARTIAL)
		buf_printf(w->out,
			   "Each one says %s. It has the fields of the manifest but "
			   "those that belong to the whole project\n(`project`, "
			   "`pipeline`, `environments`), and these:\n\n",
			   item->doc);
	buf_puts(w->out, "| field | value | default | what it is |\n|---|---|---|---|\n");
	put_rows(w, object, "");
	buf_printf(w->out, "\n```yaml\n%s:\n", f->path);
	if (item)
		buf_printf(w->out, "  %s:\n", sample_name(w, f));
	put_example(w, object, item ? 4 : 2);
	buf_puts(w->out, "```\n");
}

static bool has_section(const struct writer *w, const struct field *f)
{
	const struct field *item = item_of(w, f);

	return f->type == FIELD_OBJECT || (item && item->type == FIELD_OBJECT);
}

void schema_reference(struct buf *out, const struct schema *s)
{
	struct writer w = { .out = out, .schema = s };
	const struct children *top;

	w.children = schema_children(s, &w.arena);
	top = below(&w, s->fields);
	buf_puts(out, intro);
	buf_puts(out, "\n## The document\n\n"
		      "| field | value | default | what it is |\n|---|---|---|---|\n");
	put_rows(&w, s->fields, "");
	for (size_t i = 0; i < top->n; i++)
		if (has_section(&w, top->v[i]))
			put_section(&w, top->v[i]);
	arena_release(&w.arena);
}
