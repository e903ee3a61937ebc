/*
 * Any bytes: the reader gives nodes or findings, and what is written from nodes
 * reads back to equal ones, as YAML and as JSON.
 */
#include <stdio.h>
#include <stdlib.h>

#include "yaml/emit.h"
#include "yaml/json.h"
#include "yaml/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void give_up(const char *what, const struct buf *text)
{
	fprintf(stderr, "%s:\n%s\n", what, buf_str(text));
	abort();
}

static void check_round_trip(struct arena *a, const struct node *n)
{
	FP_AUTO(buf_release)
	struct buf yaml = BUF_INIT, json = BUF_INIT, again = BUF_INIT;
	struct fp_error err = { 0 };
	struct node *back;

	node_emit_yaml(&yaml, n);
	if (node_load_one(&back, a, buf_str(&yaml), yaml.len, "again", &err) < 0)
		give_up(err.message, &yaml);
	if (!node_equal(n, back))
		give_up("not equal", &yaml);
	node_emit_yaml(&again, back);
	if (again.len != yaml.len || memcmp(again.data, yaml.data, yaml.len) != 0)
		give_up("not stable", &yaml);
	node_emit_json(&json, n, 2);
	if (node_load_one(&back, a, buf_str(&json), json.len, "again", &err) < 0)
		give_up(err.message, &json);
	cJSON_Delete(node_to_json(n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct load_limits limits = { 1u << 16, 20000, 30 };
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	struct node *node;

	if (node_load(&node, &a, (const char *)data, n, "fuzz", &limits, &diags) == 0)
		check_round_trip(&a, node);
	else if (diags.n == 0)
		abort();
	return 0;
}
