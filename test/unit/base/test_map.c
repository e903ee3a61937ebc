#include "check_main.h"

#include "base/error.h"
#include "base/map.h"

#define MANY 10000

static void put_number(struct map *m, int i)
{
	FP_AUTO(freep) char *key = xasprintf("key-%d", i);

	ck_assert_ptr_null(map_put(m, key, xasprintf("%d", i)));
}

static const char *get_number(const struct map *m, int i)
{
	FP_AUTO(freep) char *key = xasprintf("key-%d", i);

	return map_get(m, key);
}

START_TEST(an_empty_map_has_nothing)
{
	struct map m = MAP_INIT;

	ck_assert_ptr_null(map_get(&m, "x"));
	ck_assert(!map_has(&m, "x"));
	ck_assert_ptr_null(map_remove(&m, "x"));
	map_each (e, &m)
		ck_abort_msg("no entry was put in, but '%s' is there", e->key);
	map_release(&m, free);
}
END_TEST

START_TEST(put_replaces_and_returns_the_old)
{
	struct map m = MAP_INIT;
	char a, b;

	ck_assert_ptr_null(map_put(&m, "", &a));
	ck_assert_ptr_eq(map_put(&m, "", &b), &a);
	ck_assert_ptr_eq(map_get(&m, ""), &b);
	ck_assert_uint_eq(m.n, 1);
	ck_assert_ptr_null(map_put(&m, "null", NULL));
	ck_assert(map_has(&m, "null"));
	ck_assert_ptr_null(map_get(&m, "null"));
	map_release(&m, NULL);
}
END_TEST

START_TEST(ten_thousand_keys_in_order)
{
	struct map m = MAP_INIT;
	int i = 0;

	for (int k = 0; k < MANY; k++)
		put_number(&m, k);
	ck_assert_uint_eq(m.n, MANY);
	map_each (e, &m)
		ck_assert_int_eq((int)strtol(e->value, NULL, 10), i++);
	ck_assert_int_eq(i, MANY);
	for (int k = 0; k < MANY; k++)
		ck_assert_int_eq((int)strtol(get_number(&m, k), NULL, 10), k);
	ck_assert_ptr_null(get_number(&m, MANY));
	map_release(&m, free);
	ck_assert_uint_eq(m.n, 0);
}
END_TEST

START_TEST(removal_keeps_order_and_the_others)
{
	struct map m = MAP_INIT;
	int before = -1;

	for (int k = 0; k < MANY; k++)
		put_number(&m, k);
	for (int k = 0; k < MANY; k++) {
		FP_AUTO(freep) char *key = xasprintf("key-%d", k);

		if (k % 3)
			free(map_remove(&m, key));
	}
	for (int k = 0; k < MANY; k++)
		ck_assert_int_eq(get_number(&m, k) != NULL, k % 3 == 0);
	map_each (e, &m) {
		int v = (int)strtol(e->value, NULL, 10);

		ck_assert_int_gt(v, before);
		before = v;
	}
	for (int k = 1; k < MANY; k += 3)
		put_number(&m, k);
	ck_assert_str_eq(m.v[m.n - 1].key, "key-9997");
	map_release(&m, free);
}
END_TEST

/* Against a model without hashing: every key's presence after every step. */
START_TEST(random_steps_agree_with_an_array)
{
	static char present[64];
	struct map m = MAP_INIT;
	unsigned state = 12345, count = 0;

	for (int step = 0; step < 20000; step++) {
		char key[8];
		unsigned k;

		state = state * 1103515245 + 12345;
		k = state >> 16 & 63;
		(void)snprintf(key, sizeof(key), "%u", k);
		if (state >> 30 & 1) {
			ck_assert_int_eq(map_put(&m, key, present) != NULL, present[k]);
			count += !present[k];
			present[k] = 1;
		} else {
			ck_assert_int_eq(map_remove(&m, key) != NULL, present[k]);
			count -= present[k] != 0;
			present[k] = 0;
		}
		ck_assert_uint_eq(m.n, count);
	}
	for (unsigned k = 0; k < 64; k++) {
		char key[8];

		(void)snprintf(key, sizeof(key), "%u", k);
		ck_assert_int_eq(map_has(&m, key), present[k]);
	}
	map_release(&m, NULL);
}
END_TEST

static Suite *map_suite(void)
{
	Suite *s = suite_create("base/map");
	TCase *tc = tcase_create("map");

	tcase_add_test(tc, an_empty_map_has_nothing);
	tcase_add_test(tc, put_replaces_and_returns_the_old);
	tcase_add_test(tc, ten_thousand_keys_in_order);
	tcase_add_test(tc, removal_keeps_order_and_the_others);
	tcase_add_test(tc, random_steps_agree_with_an_array);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(map_suite)
