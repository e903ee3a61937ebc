/*
 * A service that plays a script: an answer a call, the last one again and again.
 */
#ifndef FP_TEST_SCRIPT_H
#define FP_TEST_SCRIPT_H

#include "aws/client.h"
#include "test_server.h"

#define SCRIPT_BODIES 16

struct script {
	int status; /* of all answers; 0: 200, negative: none, the connection is closed */
	const char *const *bodies; /* ended by NULL */
	size_t calls;
	char *asked[SCRIPT_BODIES]; /* "METHOD target\nbody" of each call */
	struct test_server server;
	struct aws_client *client;
};

static inline void script_play(void *ctx, const struct test_request *req,
			       struct test_answer *out)
{
	struct script *s = ctx;
	size_t i = 0;

	if (s->calls < SCRIPT_BODIES)
		s->asked[s->calls] = xasprintf("%s %s\n%.*s", req->method, req->target,
					       (int)req->body_len, req->body);
	while (s->bodies && s->bodies[i + 1] && i < s->calls)
		i++;
	s->calls++;
	out->status = s->status < 0 ? 0 : s->status ? s->status : 200;
	buf_puts(&out->body, s->bodies ? s->bodies[i] : "");
}

static inline void script_begin(struct script *s)
{
	struct aws_credentials creds = { .access_key_id = (char[]){ "AKIDEXAMPLE" },
					 .secret_access_key = (char[]){ "secret" } };
	struct aws_options o = { .region = "eu-west-1", .credentials = &creds };

	test_server_start(&s->server, script_play, s);
	o.endpoint_url = s->server.url;
	ck_assert_int_eq(aws_client_new(&s->client, &o, NULL), 0);
}

static inline void script_end(struct script *s)
{
	test_server_stop(&s->server);
	aws_client_freep(&s->client);
	for (size_t i = 0; i < SCRIPT_BODIES; i++)
		free(s->asked[i]);
}

#endif
