#include "cfn/path.h"

#include "base/str.h"

void path_put(struct buf *out, const struct step *at)
{
	if (!at)
		return;
	path_put(out, at->outer);
	if (!at->key)
		buf_printf(out, "[%zu]", at->index);
	else
		buf_printf(out, "%s%s", at->outer ? "." : "", at->key);
}

static bool is_at(const struct node *n, const struct fp_pos *pos)
{
	return n->pos.line == pos->line && n->pos.column == pos->column &&
	       (n->pos.file == pos->file || str_eq(n->pos.file, pos->file));
}

static bool find_inside(struct buf *out, const struct step *at, const struct node *n,
			struct fp_pos pos)
{
	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++) {
		const struct node_pair *p = &n->map.v[i];
		struct step here = { at, p->key->scalar.text, 0 };

		if (is_at(p->key, &pos)) {
			path_put(out, &here);
			return true;
		}
		if (path_find(out, &here, p->value, pos))
			return true;
	}
	for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->seq.n; i++) {
		struct step here = { at, NULL, i };

		if (path_find(out, &here, n->seq.v[i], pos))
			return true;
	}
	return false;
}

bool path_find(struct buf *out, const struct step *at, const struct node *n,
	       struct fp_pos pos)
{
	if (!pos.line)
		return false;
	if (!is_at(n, &pos))
		return find_inside(out, at, n, pos);
	path_put(out, at);
	return true;
}
