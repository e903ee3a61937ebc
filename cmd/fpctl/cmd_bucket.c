/* fpctl bucket: add, remove and list the manifest's buckets. */
#include "editing.h"

struct add_opts {
	struct strs on, prefix, suffix;
	const char *processor, *delivery, *encryption, *archive, *expire;
	bool versioning, no_retain;
};

#define ADD(field) offsetof(struct add_opts, field)
static const struct opt add_options[] = {
	{ 0, "on", OPT_LIST, ADD(on),
	  "created, removed, restored or tagged; may be repeated", "EVENT" },
	{ 0, "prefix", OPT_LIST, ADD(prefix), "only keys that begin so; may be repeated",
	  "TEXT" },
	{ 0, "suffix", OPT_LIST, ADD(suffix), "only keys that end so; may be repeated",
	  "TEXT" },
	{ 0, "processor", OPT_STRING, ADD(processor), "the processor that gets the files",
	  "NAME" },
	{ 0, "delivery", OPT_STRING, ADD(delivery), "direct, or queue", "HOW" },
	{ 0, "versioning", OPT_FLAG, ADD(versioning), "keep the versions of objects",
	  NULL },
	{ 0, "encryption", OPT_STRING, ADD(encryption), "s3, kms, or a key's ARN",
	  "HOW" },
	{ 0, "archive", OPT_STRING, ADD(archive), "to Glacier Instant Retrieval after",
	  "DAYS" },
	{ 0, "expire", OPT_STRING, ADD(expire), "delete objects after: 365d", "DAYS" },
	{ 0, "no-retain", OPT_FLAG, ADD(no_retain),
	  "deleting the stack deletes the data, too", NULL },
};

static struct node *fields_of(struct arena *a, const struct add_opts *o)
{
	struct node *map = node_mapping(a);

	field_list(a, map, "on", &o->on);
	field_list(a, map, "prefix", &o->prefix);
	field_list(a, map, "suffix", &o->suffix);
	field_text(a, map, "processor", o->processor);
	field_text(a, map, "delivery", o->delivery);
	field_true(a, map, "versioning", o->versioning);
	field_text(a, map, "encryption", o->encryption);
	field_text(a, map, "archive", o->archive);
	field_text(a, map, "expire", o->expire);
	if (o->no_retain)
		node_put(a, map, "retain", node_bool(a, false));
	return map;
}

static int add_run(struct app *app, const void *args, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(editing_release) struct editing e = { 0 };

	if (editing_open_item(&e, app, "buckets", app->args[0], err) < 0 ||
	    editing_add(&e, fields_of(&a, args), "bucket", err) < 0)
		return -1;
	editing_lock(&e);
	editing_tell(&e, "added the bucket");
	return 0;
}

static int remove_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	FP_AUTO(editing_release) struct editing e = { 0 };
	const struct node *retain;
	bool keeps = true;

	if (editing_open_item(&e, app, "buckets", app->args[0], err) < 0 ||
	    editing_remove(&e, "bucket", err) < 0)
		return -1;
	editing_lock(&e);
	if (e.is_override) {
		editing_tell(&e, "removed the environment's own fields of the bucket");
		return 0;
	}
	editing_tell(&e, "removed the bucket");
	retain = node_get(e.edit.before, "retain");
	if (retain)
		(void)node_as_bool(retain, &keeps);
	ui_note(&app->ui,
		keeps ? "what is deployed stays until the next deploy, which then leaves "
			"the bucket and its data in the account (retain)"
		      : "the next deploy deletes the bucket and its data (retain: "
			"false)");
	return 0;
}

static char *joined(const char *const *v, size_t n)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", v[i]);
	return buf_detach(&b);
}

static int list_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	static const char *const headers[] = { "BUCKET", "PREFIX",    "SUFFIX",
					       "ON",	 "PROCESSOR", "DELIVERY" };
	FP_AUTO(ui_table_freep)
	struct ui_table *table = ui_table_new(headers, ARRAY_SIZE(headers));
	const struct manifest *m = &app->manifest;

	(void)err;
	if (app->global.json) {
		editing_list_json(app, "buckets");
		return 0;
	}
	for (size_t i = 0; i < m->nbuckets; i++) {
		const struct manifest_bucket *b = &m->buckets[i];
		FP_AUTO(freep) char *prefix = joined(b->prefix, b->nprefix);
		FP_AUTO(freep) char *suffix = joined(b->suffix, b->nsuffix);
		FP_AUTO(freep) char *on = joined(b->on, b->non);
		const char *cells[] = { b->name,      prefix,
					suffix,	      on,
					b->processor, b->queue ? "queue" : "direct" };

		ui_table_row(table, UI_PLAIN, cells);
	}
	ui_table_print(table, &app->ui);
	return 0;
}

static const struct command cmd_bucket_add = {
	.name = "add",
	.summary = "add a bucket to the manifest",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.details =
		"One line, in the style of the buckets that are there; all else in the "
		"file stays as it is, byte for byte. A manifest that would not be valid "
		"is not written.\n"
		"With -e the bucket is added to that environment only.",
	.examples =
		"fpctl bucket add invoices\n"
		"fpctl bucket add scans --prefix incoming/ --suffix .pdf --suffix .tif "
		"--expire 365d",
	.opts = add_options,
	.nopts = ARRAY_SIZE(add_options),
	.opts_size = sizeof(struct add_opts),
	.run = add_run,
};

static const struct command cmd_bucket_remove = {
	.name = "remove",
	.summary = "take a bucket out of the manifest",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.details =
		"Its lines go with their comments, and comment lines directly above "
		"them. Nothing is deleted in AWS: the next deploy takes the bucket out "
		"of its stack, and leaves it and its data in the account unless it has "
		"`retain: false`.",
	.examples = "fpctl bucket remove scans",
	.run = remove_run,
};

static const struct command cmd_bucket_list = {
	.name = "list",
	.summary = "list the manifest's buckets",
	.details = "As -e's environment has them, or the first one. With --json every "
		   "field with its default.",
	.examples = "fpctl bucket list\n"
		    "fpctl bucket list -e prod --json",
	.needs = NEED_MANIFEST,
	.run = list_run,
};

static const struct command *const subs[] = { &cmd_bucket_add, &cmd_bucket_remove,
					      &cmd_bucket_list, NULL };

const struct command cmd_bucket = {
	.name = "bucket",
	.summary = "add, remove and list the manifest's buckets",
	.subs = subs,
};
