/*
 * Fn::Cidr: [block, count, host bits] gives `count` blocks of 2^bits addresses.
 * Source: CloudFormation User Guide, "Fn::Cidr".
 */
#include <arpa/inet.h>

#include "base/str.h"
#include "cfn/evaluator.h"

#define MAX_BLOCKS 256

struct block {
	unsigned char address[16];
	int family;
	unsigned size, prefix; /* bits */
};

static bool parse_block(const char *text, struct block *b)
{
	char address[64];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : 0;
	int64_t prefix;

	if (!slash || len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	b->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	b->size = b->family == AF_INET6 ? 128 : 32;
	if (inet_pton(b->family, address, b->address) != 1 ||
	    !str_to_i64(slash + 1, 0, b->size, &prefix))
		return false;
	b->prefix = (unsigned)prefix;
	for (unsigned bit = b->prefix; bit < b->size; bit++)
		b->address[bit / 8] &= (unsigned char)~(0x80u >> bit % 8);
	return true;
}

/* Add 2^bits to the address. */
static void advance(struct block *b, unsigned bits)
{
	unsigned at = b->size - 1 - bits;
	unsigned carry = 0x80u >> at % 8;

	for (unsigned i = at / 8 + 1; i-- > 0 && carry;) {
		carry += b->address[i];
		b->address[i] = (unsigned char)carry;
		carry >>= 8;
	}
}

static struct node *blocks(struct evaluator *ev, const struct call *c, struct block *b,
			   int64_t count, unsigned bits)
{
	struct node *out = node_sequence(ev->a);

	out->pos = c->node->pos;
	for (int64_t i = 0; i < count; i++) {
		char address[INET6_ADDRSTRLEN];
		struct node *item;

		inet_ntop(b->family, b->address, address, sizeof(address));
		item = node_string(ev->a,
				   arena_printf(ev->a, "%s/%u", address, b->size - bits));
		item->pos = c->node->pos;
		node_push(ev->a, out, item);
		advance(b, bits);
	}
	return out;
}

struct node *call_cidr(struct evaluator *ev, const struct call *c)
{
	struct node *args = eval_args(ev, c, 2, 3);
	int64_t count, bits;
	struct block b = { .size = 0 };

	if (!args)
		return NULL;
	if (!is_known(args))
		return eval_unknown(ev, c, args);
	if (args->seq.n == 2)
		return eval_unknown(ev, c, args);
	if (!node_text(args->seq.v[0]) || !parse_block(args->seq.v[0]->scalar.text, &b))
		return ev_fail(
			ev, args->seq.v[0]->pos, NULL,
			"Fn::Cidr takes an address block such as 10.0.0.0/16 first");
	if (!node_as_int(args->seq.v[1], &count) || count < 1 || count > MAX_BLOCKS)
		return ev_fail(ev, args->seq.v[1]->pos, NULL,
			       "Fn::Cidr takes a count from 1 to %d", MAX_BLOCKS);
	if (!node_as_int(args->seq.v[2], &bits) || bits < 0 || bits >= b.size)
		return ev_fail(ev, args->seq.v[2]->pos, NULL,
			       "Fn::Cidr takes the blocks' host bits third, below %u",
			       b.size);
	if (b.size - b.prefix < bits ||
	    (b.size - b.prefix - bits < 9 && count > 1 << (b.size - b.prefix - bits)))
		return ev_fail(
			ev, c->node->pos, NULL,
			"Fn::Cidr: %s has no room for %lld blocks of %lld host bits",
			args->seq.v[0]->scalar.text, (long long)count, (long long)bits);
	return blocks(ev, c, &b, count, (unsigned)bits);
}
