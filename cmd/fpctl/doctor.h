/*
 * fpctl doctor: what the checks share. Each check says one line or more, in order:
 * what it looked at, how that is, and how to mend what is wrong with it.
 */
#ifndef FP_DOCTOR_H
#define FP_DOCTOR_H

#include "aws/settings.h"
#include "command.h"

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_WARN, /* works, but not as one would want it */
	DOCTOR_FAIL, /* something will not work until it is mended */
	DOCTOR_SKIP, /* cannot be told here */
};

struct doctor {
	struct app *app;
	cJSON *checks; /* what --json prints */
	size_t count[DOCTOR_SKIP + 1];
	const struct aws_settings *settings; /* the client's; NULL: there is none */
	bool no_region;			     /* looked at from DOCTOR_REGION instead */
	bool has_credentials;
	bool has_sts;		   /* it answers */
	bool has_identity;	   /* and says who we are: of the manifest's account */
	struct doctor_tool *tools; /* while their versions are asked for */
};

/* Where it looks when no region is known. */
#define DOCTOR_REGION "us-east-1"

/*
 * Say how a check ended. `mend` is what to do about it, NULL for nothing; a sentence
 * without a full stop. Returns the check's object, to which details may be added.
 */
cJSON *doctor_say(struct doctor *d, const char *check, enum doctor_state state,
		  const char *mend, const char *fmt, ...) FP_PRINTF(5, 6);
/* A line below it, for people: "  environment: AWS_ACCESS_KEY_ID is not set". */
void doctor_detail(struct doctor *d, const char *fmt, ...) FP_PRINTF(2, 3);
/* A check whose reason is an error; `mend` NULL: what the error itself advises. */
cJSON *doctor_say_error(struct doctor *d, const char *check, enum doctor_state state,
			const char *mend, const struct fp_error *err);

/* doctor_here.c: fpctl and its libraries, the manifest. */
void doctor_fpctl(struct doctor *d);
void doctor_manifest(struct doctor *d);
/* doctor_tools.c: the versions of tools, asked for while the other checks run. */
void doctor_tools_start(struct doctor *d);
void doctor_tools(struct doctor *d);
/* doctor_account.c: settings (and makes app->aws), credentials, who they are. */
void doctor_settings(struct doctor *d);
void doctor_credentials(struct doctor *d);
void doctor_identity(struct doctor *d);
/* doctor_network.c: certificates, proxy, endpoints, and by their answers the clock. */
void doctor_certificates(struct doctor *d);
void doctor_proxy(struct doctor *d);
void doctor_endpoints(struct doctor *d);
/* doctor_project.c: what the manifest needs of the account: connection, quotas. */
void doctor_project(struct doctor *d);

#endif
