/*
 * One request on its way through the emulator: server.c receives it, auth.c says
 * who sent it, router.c has it carried out and writes the answer.
 */
#ifndef FP_EMULATOR_EXCHANGE_H
#define FP_EMULATOR_EXCHANGE_H

#include "emulator/body.h"
#include "emulator/service.h"
#include "wire/sigv4.h"

#define REQUEST_ID_LEN 37 /* with the NUL */

struct exchange {
	struct emulator *emu;
	struct http_request http;
	struct sigv4_claim claim;
	const struct service *service;	/* that the claim names, or NULL */
	enum service_protocol protocol; /* the service's, else what it looks like */
	char request_id[REQUEST_ID_LEN];
	char caller_arn[512];
	char action[96];    /* what it asks for, for the log; "" until it is known */
	char *secret;	    /* of the claim's key */
	bool verified;	    /* the signature was compared already */
	bool unsigned_form; /* nobody signed it: for its service's open operation only */
	struct body body;
	struct fault fault; /* what will be answered, when set */
	struct rest_response res;
};

/* emu and http are set already. */
void exchange_init(struct exchange *x, struct emulator *emu);
void exchange_release(struct exchange *x);

/* Find service and protocol from the claim, or without one from the looks. */
void router_identify(struct exchange *x);
/* The largest body that the service takes. */
int64_t router_body_limit(const struct exchange *x);
/* Carry it out, unless x->fault is set, and fill x->res. */
void router_answer(struct exchange *x);

#endif
