/*
 * What the files of the Lambda service share. Nothing outside lambda*.c includes
 * this; other services call its operations through bus.h.
 *
 * A function is a row (lambda_store.c) and a folder with its code (lambda_code.c).
 * An invocation asks the pool (lambda_pool.c) for a warm instance, or for a new
 * one: a process with a thread of the emulator's that serves its Runtime API
 * (lambda_instance.c on lambda_http.c) and collects its output (lambda_log.c).
 *
 * Limits: the timeout kills the process group; memory is that of the process (not
 * of its children), looked at every 100 ms on Linux and nowhere else, because an
 * address space limit would stop programs that only reserve; 1024 open files. /tmp
 * and the code's folder are the machine's own, shared and writable.
 */
#ifndef FP_EMULATOR_LAMBDA_H
#define FP_EMULATOR_LAMBDA_H

#include <pthread.h>

#include "base/buf.h"
#include "emulator/service.h"

#define LAMBDA_MAX_INSTANCES 10			     /* of one function, at once */
#define LAMBDA_MAX_PAYLOAD   (6 * 1024 * 1024 + 100) /* bytes, both ways */
#define LAMBDA_MAX_EVENT     (1024 * 1024)	     /* of an asynchronous invocation */
#define LAMBDA_MAX_ZIP	     (50 * 1024 * 1024)
#define LAMBDA_MAX_UNZIPPED  (250 * 1024 * 1024)
#define LAMBDA_TAIL	     4096 /* of the log, for LogType=Tail */
#define LAMBDA_EVENT_RETRIES 1000 /* of the bus: throttled events are not lost */

/* A function as it stands in the store. */
struct lambda_function {
	char *region, *name;
	cJSON *config;	     /* FunctionConfiguration, as the API answers it */
	cJSON *tags;	     /* object */
	cJSON *policy;	     /* NULL: none */
	cJSON *event_config; /* NULL: none */
	char *code_sha256;   /* of the zip, hex */
	int64_t concurrency; /* reserved; -1: none */
};
#define LAMBDA_FUNCTION_INIT \
	{                    \
		0            \
	}
void lambda_function_release(struct lambda_function *f);

extern const char lambda_schema[];

/*
 * Load by name, partial ARN or ARN, with a version behind it or in `qualifier`
 * (only $LATEST exists); in the region that an ARN says, else in the call's.
 * ResourceNotFoundException, InvalidParameterValueException.
 */
int lambda_load(struct call *c, struct lambda_function *out, const char *name,
		const char *qualifier);
/* Inside a transaction. */
int lambda_insert(struct call *c, struct lambda_function *f);
int lambda_remove(struct call *c, const struct lambda_function *f);
/*
 * Load the function that `in` names (FunctionName, Qualifier), let `change` alter
 * it, and save it, all in one transaction. A `change` that calls lambda_touch makes
 * it a new revision, and instances of older ones end.
 */
int lambda_change(struct call *c, const cJSON *in,
		  int (*change)(struct call *c, struct lambda_function *f, void *ctx),
		  void *ctx);
void lambda_touch(struct lambda_function *f);

/* The name in a name, partial ARN or ARN; false when it is none of these. */
bool lambda_name_of(char name[141], const char *text);

/* A configuration with the defaults; owned by the caller. */
cJSON *lambda_config_new(const struct call *c, const char *name);
/* Check the members of CreateFunction or UpdateFunctionConfiguration, and set them.
 * Loud about all that the emulator does not do. */
int lambda_config_apply(struct call *c, cJSON *config, const cJSON *in);
/* Copy the number `name` of `in`, if it is there. InvalidParameterValueException. */
int lambda_set_within(struct call *c, cJSON *config, const cJSON *in, const char *name,
		      int64_t min, int64_t max);

/*
 * Take the code of a request (ZipFile, or S3Bucket, S3Key, S3ObjectVersion): the
 * zip into the store's blobs, unpacked into the function's folder; fills
 * config.CodeSize, config.CodeSha256 and f->code_sha256. The reference is counted
 * by lambda_insert and lambda_save.
 */
int lambda_code_take(struct call *c, struct lambda_function *f, const cJSON *code);
/* The folder with the code, unpacked anew when it is gone; owned by the caller. */
char *lambda_code_folder(struct call *c, const struct lambda_function *f);
/* Remove the unpacked code of a function, but for two digests (each may be NULL): the
 * one before the current one may still be running. */
void lambda_code_forget(struct emulator *emu, const char *region, const char *name,
			const char *keep, const char *keep_too);

/* One invocation. */
enum lambda_result {
	LAMBDA_DONE, /* `response` is the function's, or an error's when `failed` */
	LAMBDA_THROTTLED,
	LAMBDA_STOPPED, /* the emulator stops: not carried out, or cut off */
	LAMBDA_AGAIN,	/* the warm instance had died before it got the event */
};
struct invocation {
	char request_id[37];
	const char *payload; /* borrowed until the invocation is done */
	size_t size;
	const char *client_context; /* JSON, or NULL */
	bool waits; /* for an instance, when the reserved ones are busy: nobody listens */
	enum lambda_result result;
	bool failed; /* X-Amz-Function-Error: Unhandled */
	struct buf response;
	struct buf tail; /* the end of its log */
	bool done;	 /* under the pool's lock */
	pthread_cond_t changed;
};
void invocation_init(struct invocation *inv, const char *payload, size_t size);
void invocation_release(struct invocation *inv);

/* Carry it out on an instance of the function; blocks until inv->result is set. */
int lambda_run(struct call *c, const struct lambda_function *f, struct invocation *inv);
/* The Payload of a request: a text is taken as it is, anything else is printed.
 * Owned by the caller. */
char *lambda_event_text(const cJSON *in);
/* The fault of an invocation that was not carried out. */
int lambda_result_fault(struct call *c, const struct lambda_function *f,
			const struct invocation *inv);
/* Instances of older revisions end: at once when idle, else after their invocation. */
void lambda_pool_retire(const char *region, const char *name);
/* End all instances and refuse further ones; returns when they are gone. */
void lambda_pool_stop(void);
void lambda_pool_start(void);
/* Living instances of all functions. */
size_t lambda_pool_size(void);

/*
 * Event source mappings: a queue's messages to a function, pushed. A thread a mapping
 * (lambda_poller.c) sleeps in SQS until there are some, and gives each batch to a
 * thread of its own.
 */
struct lambda_mapping {
	char *uuid, *region, *function, *source; /* the latter two by ARN */
	bool enabled;
	cJSON *config; /* EventSourceMappingConfiguration, as the API answers it */
	cJSON *tags;   /* object */
};
void lambda_mapping_release(struct lambda_mapping *m);
/* By what it maps. ResourceNotFoundException. */
int lambda_mapping_find(struct call *c, const char *function, const char *source,
			struct lambda_mapping *out);
/* Let the threads be those of the enabled mappings, as they are now. Never inside a
 * transaction: it waits for those that do the same. */
int lambda_pollers_sync(struct call *c);
void lambda_pollers_start(void);
/* End all; returns when they are gone. Behind lambda_pool_stop. */
void lambda_pollers_stop(struct emulator *emu);

/* Operations of the files, for the table in lambda.c. */
/* The formatter takes these for nested calls. */
/* clang-format off */
#define LAMBDA_OPERATIONS(X) \
	X(CreateFunction) X(GetFunction) X(GetFunctionConfiguration) \
	X(ListFunctions) X(UpdateFunctionCode) X(UpdateFunctionConfiguration) \
	X(DeleteFunction) X(PutFunctionConcurrency) X(GetFunctionConcurrency) \
	X(DeleteFunctionConcurrency) X(Invoke) X(FpctlRunEvent) X(AddPermission) \
	X(GetPolicy) X(RemovePermission) X(FpctlMayInvoke) \
	X(PutFunctionEventInvokeConfig) X(UpdateFunctionEventInvokeConfig) \
	X(GetFunctionEventInvokeConfig) X(DeleteFunctionEventInvokeConfig) \
	X(ListFunctionEventInvokeConfigs) X(TagResource) X(UntagResource) \
	X(ListTags) X(CreateEventSourceMapping) X(UpdateEventSourceMapping) \
	X(GetEventSourceMapping) X(ListEventSourceMappings) \
	X(DeleteEventSourceMapping) X(GetAccountSettings) \
	X(FpctlSyncMappings)
/* clang-format on */
#define X(name) int lambda_##name(struct call *c, const cJSON *in, cJSON *out);
LAMBDA_OPERATIONS(X)
#undef X

extern const struct operation lambda_operations[];
int lambda_rest(struct call *c, struct rest_request *req, struct rest_response *res);
/* AWS::Lambda::EventSourceMapping. */
int lambda_mapping_create(const struct resource_request *r, struct resource *out);
int lambda_mapping_update(const struct resource_request *r, struct resource *inout);
int lambda_mapping_remove(const struct resource_request *r, const struct resource *old);
extern const struct resource_type lambda_resources[];

#endif
