/*
 * An emulator without its server, in a folder of its own, for unit tests: a
 * store, a bus, and the services that the test lists. A test that includes this
 * defines `services`, so that the real table (and all of it) is not linked.
 */
#ifndef FP_TEST_CLOUD_H
#define FP_TEST_CLOUD_H

#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "check_main.h"
#include "emulator/bus.h"
#include "emulator/emulator.h"

const struct service *service_find(const char *name)
{
	for (size_t i = 0; services[i]; i++)
		if (str_eq(services[i]->name, name))
			return services[i];
	return NULL;
}

/* A new folder; the caller frees the name and removes the tree (scrap). */
static FP_UNUSED char *scratch(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/fpctl-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");

	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

static FP_UNUSED void scrap(char *path)
{
	ck_assert_int_eq(fs_remove_tree(path, NULL), 0);
	free(path);
}

struct cloud {
	struct emulator emu;
	struct call call;
	char *state;
};

/* On `state`, which it takes; NULL makes one. */
static FP_UNUSED void cloud_open(struct cloud *c, char *state)
{
	struct fp_error err = { 0 };

	*c = (struct cloud){ .state = state ? state : scratch() };
	c->emu = (struct emulator){ .state = c->state,
				    .account = EMULATOR_ACCOUNT,
				    .region = EMULATOR_REGION,
				    .url = "http://127.0.0.1:4566" };
	ck_assert_msg(store_open(&c->emu.store, c->state, &err) == 0, "%s", err.message);
	ck_assert_int_eq(bus_open(&c->emu.bus, &c->emu, &err), 0);
	for (size_t i = 0; services[i]; i++)
		if (services[i]->schema)
			ck_assert_msg(store_script(c->emu.store, services[i]->schema,
						   &err) == 0,
				      "%s", err.message);
	c->call = (struct call){ .emu = &c->emu,
				 .region = EMULATOR_REGION,
				 .caller_arn = "arn:aws:iam::000000000000:root",
				 .request_id = "test" };
}

/* The state stays, as after a stop; returned for cloud_open. */
static FP_UNUSED char *cloud_stop(struct cloud *c)
{
	bus_close(c->emu.bus);
	store_close(c->emu.store);
	return c->state;
}

static FP_UNUSED void cloud_close(struct cloud *c)
{
	scrap(cloud_stop(c));
}

#endif
