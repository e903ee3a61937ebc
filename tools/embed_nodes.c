/*
 * embed_nodes TABLE FILE...: YAML files as parsed nodes in C, on stdout, so that a
 * program that reads the same templates at each start parses none.
 *
 * TABLE becomes an array of struct embed_nodes (base/embed.h), named by the files' names
 * without folder and ending, closed by a NULL name. Positions name "built-in FILE".
 */
#include <ctype.h>

#include "base/fs.h"
#include "base/str.h"
#include "yaml/load.h"

static size_t nodes; /* printed so far: each is called n0, n1, ... */

static void print_text(const char *text, size_t n)
{
	putchar('"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (isalnum(c) || (c >= ' ' && c < 0x7f && !strchr("\"\\?", c)))
			putchar(c);
		else
			printf("\\%03o", c);
	}
	putchar('"');
}

static void print_head(const struct node *n, const char *kind)
{
	printf("static const struct node n%zu = { .kind = %s, .pos = { file, %u, %u }, ",
	       nodes, kind, n->pos.line, n->pos.column);
	if (n->tag) {
		printf(".tag = ");
		print_text(n->tag, strlen(n->tag));
		printf(", ");
	}
}

static size_t print_node(const struct node *n);

static void print_scalar(const struct node *n)
{
	print_head(n, "NODE_SCALAR");
	printf(".scalar = { ");
	print_text(n->scalar.text, n->scalar.len);
	printf(", %zu, %d } };\n", n->scalar.len, (int)n->scalar.type);
}

static void print_sequence(const struct node *n)
{
	FP_AUTO(freep) size_t *items = xcalloc(n->seq.n + 1, sizeof(*items));

	for (size_t i = 0; i < n->seq.n; i++)
		items[i] = print_node(n->seq.v[i]);
	printf("static const struct node *const v%zu[] = { ", nodes);
	for (size_t i = 0; i < n->seq.n; i++)
		printf("&n%zu, ", items[i]);
	printf("NULL };\n");
	print_head(n, "NODE_SEQUENCE");
	printf(".seq = { (struct node **)v%zu, %zu, %zu } };\n", nodes, n->seq.n,
	       n->seq.n);
}

static void print_mapping(const struct node *n)
{
	FP_AUTO(freep) size_t *items = xcalloc(2 * n->map.n + 1, sizeof(*items));

	for (size_t i = 0; i < n->map.n; i++) {
		items[2 * i] = print_node(n->map.v[i].key);
		items[2 * i + 1] = print_node(n->map.v[i].value);
	}
	printf("static const struct node_pair v%zu[] = { ", nodes);
	for (size_t i = 0; i < n->map.n; i++)
		printf("{ (struct node *)&n%zu, (struct node *)&n%zu }, ", items[2 * i],
		       items[2 * i + 1]);
	printf("{ NULL, NULL } };\n");
	print_head(n, "NODE_MAPPING");
	printf(".map = { (struct node_pair *)v%zu, %zu, %zu, NULL } };\n", nodes,
	       n->map.n, n->map.n);
}

/* Returns the number in its name. */
static size_t print_node(const struct node *n)
{
	if (n->kind == NODE_SCALAR)
		print_scalar(n);
	else if (n->kind == NODE_SEQUENCE)
		print_sequence(n);
	else
		print_mapping(n);
	return nodes++;
}

static int embed(const char *path, size_t *root, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct node *tree = NULL;
	int rc = -1;

	if (fs_read(&text, path, 1u << 20, err) == 0 &&
	    node_load_one(&tree, &a, buf_str(&text), text.len, path, err) == 0) {
		printf("#undef file\n#define file \"built-in %s\"\n", path);
		*root = print_node(tree);
		rc = 0;
	}
	arena_release(&a);
	return rc;
}

static void print_table(const char *name, char **files, const size_t *roots, int n)
{
	printf("extern const struct embed_nodes %s[];\n"
	       "const struct embed_nodes %s[] = {\n",
	       name, name);
	for (int i = 0; i < n; i++) {
		const char *base = strrchr(files[i], '/');

		base = base ? base + 1 : files[i];
		printf("{ \"%.*s\", &n%zu },\n", (int)strcspn(base, "."), base, roots[i]);
	}
	printf("{ NULL, NULL }\n};\n");
}

int main(int argc, char **argv)
{
	FP_AUTO(freep) size_t *roots = xcalloc((size_t)argc, sizeof(*roots));
	struct fp_error err = { 0 };

	if (argc < 3) {
		(void)fprintf(stderr, "usage: embed_nodes TABLE FILE...\n");
		return EXIT_FAILURE;
	}
	printf("#include \"base/embed.h\"\n#include \"yaml/node.h\"\n");
	for (int i = 2; i < argc; i++) {
		if (embed(argv[i], &roots[i - 2], &err) < 0) {
			(void)fprintf(stderr, "%s: %s\n", err.where, err.message);
			return EXIT_FAILURE;
		}
	}
	print_table(argv[1], argv + 2, roots, argc - 2);
	return EXIT_SUCCESS;
}
