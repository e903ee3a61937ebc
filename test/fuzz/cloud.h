/*
 * An emulator without its server, in a folder that goes when the fuzzer ends, for
 * targets that reach services behind the signature.
 */
#ifndef FP_FUZZ_CLOUD_H
#define FP_FUZZ_CLOUD_H

#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/emulator.h"
#include "emulator/service.h"

static struct emulator emu = { .account = EMULATOR_ACCOUNT,
			       .region = EMULATOR_REGION,
			       .url = "http://127.0.0.1:4566" };
static char folder[256];

static void remove_state(void)
{
	if (fs_remove_tree(folder, NULL) < 0)
		abort();
}

static void open_state(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(folder, sizeof(folder), "%s/fpctl-fuzz-XXXXXX",
		       tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(folder))
		abort();
	(void)atexit(remove_state);
	emu.state = folder;
	if (store_open(&emu.store, folder, NULL) < 0 ||
	    bus_open(&emu.bus, &emu, NULL) < 0)
		abort();
	for (size_t i = 0; services[i]; i++)
		if (services[i]->schema &&
		    store_script(emu.store, services[i]->schema, NULL) < 0)
			abort();
}

static struct call fuzz_call(const char *service)
{
	return (struct call){ .emu = &emu,
			      .service = service,
			      .region = emu.region,
			      .caller_arn = "arn:aws:iam::000000000000:root",
			      .request_id = "fuzz" };
}

#endif
