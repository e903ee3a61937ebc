/*
 * What the server needs of a service, and what a service gets with a request.
 * A service is a file (or a few) in service/; services never include one
 * another, they call through bus.h.
 */
#ifndef FP_EMULATOR_SERVICE_H
#define FP_EMULATOR_SERVICE_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "emulator/provider.h"
#include "emulator/store.h"
#include "wire/message.h"

/* Everything that runs: made by emulator_serve, given to every call. */
struct emulator {
	struct store *store;
	struct bus *bus;
	const char *state;			       /* folder */
	const char *account;			       /* 12 digits */
	const char *region;			       /* the default one */
	const char *url;			       /* "http://127.0.0.1:4566" */
	const char *access_key_id, *secret_access_key; /* the state folder's root key */
};

/* An error as AWS has it: its code, text and status. */
struct fault {
	int status; /* 400; 0: no fault */
	char code[96];
	char message[1024];
};
/* All return -1, so failing is one line. 4xx are the sender's fault, 5xx ours. */
int fault_set(struct fault *f, int status, const char *code, const char *fmt, ...)
	FP_PRINTF(4, 5);
/* From an internal error: 500 InternalError (or ServiceUnavailable for a full disk). */
int fault_from(struct fault *f, const struct fp_error *err);

/* One operation being carried out, for a request or for another service. */
struct call {
	struct emulator *emu;
	const char *service, *action;
	const char *region;	/* of the credential scope */
	const char *caller_arn; /* who signed: "arn:aws:iam::000000000000:root" */
	const char *request_id;
	struct fault fault; /* set by the operation when it returns -1 */
};

/* Query and JSON operations: `in` never NULL, `out` an empty object to fill. */
struct operation {
	const char *name;
	int (*run)(struct call *c, const cJSON *in, cJSON *out);
};

/* REST services see the request itself. A body over 1 MiB lies in a file. */
struct rest_request {
	const struct http_request *http; /* headers, path, query; body when in memory */
	const char *body_path; /* a temporary file that the service may rename away; or
				  NULL */
	int64_t body_size;
	char body_sha256[65]; /* of the decoded body */
	char body_md5[33];
	/* The checksum that the sender declared and that was verified, or the one that
	 * S3 adds: "crc32" and its base64 text; NULL when an upload is completed. */
	const char *checksum_name, *checksum;
	bool checksum_added;
};
struct rest_response {
	int status; /* 200 */
	struct http_headers headers;
	struct buf body;
	int body_fd; /* -1, or the body is this file's bytes [offset, offset+size); owned
		      */
	int64_t file_offset, file_size;
};

enum service_protocol {
	SERVICE_QUERY,
	SERVICE_JSON_1_0,
	SERVICE_JSON_1_1,
	SERVICE_REST_JSON,
	SERVICE_REST_XML,
	SERVICE_CBOR /* Smithy's RPC v2 */
};
#define SERVICE_ALSO(protocol) (1U << (protocol))

struct service {
	const char *name; /* signing name: "cloudformation", "s3" */
	enum service_protocol protocol;
	/* Others that it answers as well, of Query, JSON and CBOR: SERVICE_ALSO(...) |
	 * ... The request's headers tell which. Its moments are set by shape_set_time. */
	unsigned also;
	const char *xmlns;  /* Query and REST-XML: the answers' namespace */
	const char *target; /* JSON: the X-Amz-Target prefix, "Logs_20140328" */
	const char *schema; /* its tables: CREATE TABLE IF NOT EXISTS ...; may be NULL */
	const struct operation
		*operations; /* ends with a NULL name; also the bus's way in */
	/* The one operation that needs no signature; Query only; NULL: there is none. */
	const char *open_operation;
	/* The name that the shape of Query's error `code` has in the other protocols;
	 * NULL: the code is it. */
	const char *(*error_shape)(const char *action, const char *code);
	/* Query's own shapes, where they differ from the other protocols' (flattened
	 * lists): rewrite what came in, and what goes out; NULL: nothing to do. */
	void (*from_query)(const char *action, cJSON *in);
	void (*to_query)(const char *action, cJSON *out);
	/* REST: carries out any request; -1 with c->fault. */
	int (*rest)(struct call *c, struct rest_request *req, struct rest_response *res);
	const struct resource_type *resources; /* ends with a NULL type; may be NULL */
	/* Called once when the emulator starts (after a crash, too) and stops; may be
	 * NULL. */
	int (*start)(struct emulator *emu, struct fp_error *err);
	void (*stop)(struct emulator *emu);
};

/* Every service, ends with NULL: services.c. */
extern const struct service *const services[];
const struct service *service_find(const char *name);

#endif
