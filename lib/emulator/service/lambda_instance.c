#include "emulator/service/lambda_instance.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"

#define MEMORY_TICK_MS 100
#define EXIT_TICK_MS   20 /* without pidfds */
#define READS_AT_ONCE  16
#define STACK_SIZE     (1024 * 1024)

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* elsewhere the emulator's ignoring SIGPIPE does */
#endif

enum { AT_WAKE, AT_OUTPUT, AT_EXIT, AT_LISTENER, AT_CONNECTIONS };
#define NPOLL (AT_CONNECTIONS + INSTANCE_CONNECTIONS)

static char *new_log_stream(void)
{
	uint8_t id[16];
	char hex[33], day[25];

	random_bytes(id, sizeof(id));
	hex_encode(hex, id, sizeof(id));
	time_iso(day, clock_now_ms());
	return xasprintf("%.4s/%.2s/%.2s/[$LATEST]%s", day, day + 5, day + 8, hex);
}

struct instance *instance_new(struct emulator *emu, const struct lambda_function *f,
			      const char *task_root)
{
	struct instance *i = xcalloc(1, sizeof(*i));
	const cJSON *variables = json_get(f->config, "Environment.Variables");

	i->emu = emu;
	i->spec = (struct instance_spec){
		.region = xstrdup(f->region),
		.name = xstrdup(f->name),
		.arn = xstrdup(json_str(f->config, "FunctionArn", "")),
		.revision = xstrdup(json_str(f->config, "RevisionId", "")),
		.role = xstrdup(json_str(f->config, "Role", "")),
		.handler = xstrdup(json_str(f->config, "Handler", "")),
		.arch = xstrdup(cJSON_GetStringValue(
			cJSON_GetArrayItem(json_get(f->config, "Architectures"), 0))),
		.task_root = xstrdup(task_root),
		.log_group = xstrdup(json_str(f->config, "LoggingConfig.LogGroup", "")),
		.log_stream = new_log_stream(),
		.memory = json_int(f->config, "MemorySize", 128),
		.timeout_ms = json_int(f->config, "Timeout", 3) * 1000,
		.traced = str_eq(json_str(f->config, "TracingConfig.Mode", ""), "Active"),
		.variables = variables ? cJSON_Duplicate(variables, true) : NULL,
	};
	i->wake[0] = i->wake[1] = i->listener = i->output = i->exit_fd = -1;
	for (size_t k = 0; k < INSTANCE_CONNECTIONS; k++)
		i->connections[k].fd = -1;
	lambda_log_init(&i->log, i->spec.region, i->spec.log_group, i->spec.log_stream);
	return i;
}

static void connection_close(struct connection *conn)
{
	closep(&conn->fd);
	conn->fd = -1;
	runtime_parser_release(&conn->parser);
	buf_release(&conn->out);
	conn->waits = false;
}

void instance_free(struct instance *i)
{
	struct instance_spec *s = &i->spec;
	char *texts[] = {
		s->region,  s->name, s->arn,	   s->revision,	 s->role,
		s->handler, s->arch, s->task_root, s->log_group, s->log_stream
	};

	lambda_log_release(&i->log);
	for (size_t k = 0; k < INSTANCE_CONNECTIONS; k++)
		if (i->connections[k].fd >= 0)
			connection_close(&i->connections[k]);
	closep(&i->wake[0]);
	closep(&i->wake[1]);
	closep(&i->listener);
	closep(&i->output);
	closep(&i->exit_fd);
	for (size_t k = 0; k < ARRAY_SIZE(texts); k++)
		free(texts[k]);
	cJSON_Delete(s->variables);
	free(i);
}

void instance_wake(struct instance *i)
{
	/* A full pipe wakes it just as well. */
	(void)!write(i->wake[1], "", 1);
}

/* What the function has written so far. */
static void read_output(struct instance *i)
{
	char data[65536];

	for (int k = 0; k < READS_AT_ONCE && i->output >= 0; k++) {
		ssize_t n = read(i->output, data, sizeof(data));

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0) {
			closep(&i->output);
			i->output = -1;
		}
		if (n <= 0)
			return;
		lambda_log_output(&i->log, data, (size_t)n);
	}
}

static void report(struct instance *i)
{
	double ms = (double)(clock_monotonic_ms() - i->begun_ms);
	char init[64] = "";

	if (i->pid)
		(void)process_memory(i, &i->peak);
	if (!i->init_reported && i->reached_next)
		(void)snprintf(init, sizeof(init), "Init Duration: %lld.00 ms\t",
			       (long long)i->init_ms);
	i->init_reported = true;
	lambda_log_line(&i->log, "END RequestId: %s", i->current->request_id);
	lambda_log_line(
		&i->log,
		"REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %.0f ms\t"
		"Memory Size: %lld MB\tMax Memory Used: %lld MB\t%s",
		i->current->request_id, ms, ms < 1 ? 1 : ms, (long long)i->spec.memory,
		(long long)(i->peak / (1024 * 1024)), init);
}

static void release_invocation(struct instance *i, enum lambda_result result)
{
	struct invocation *inv = i->current;
	int64_t now = clock_monotonic_ms();
	bool stays = !i->ended && now - i->born_ms < INSTANCE_MAX_AGE_MS;

	(void)snprintf(i->last_id, sizeof(i->last_id), "%s", inv->request_id);
	i->current = NULL;
	i->delivered = false;
	i->log.tail = NULL;
	i->deadline_ms = now + INSTANCE_IDLE_MS;
	i->ended = !pool_done(i, inv, result, stays);
}

void instance_finish(struct instance *i, bool failed, const void *body, size_t n)
{
	read_output(i);
	if (!i->delivered) {
		i->begun_ms = i->born_ms;
		lambda_log_line(&i->log, "START RequestId: %s Version: $LATEST",
				i->current->request_id);
	}
	report(i);
	i->current->failed = failed;
	if (n)
		buf_add(&i->current->response, body, n);
	release_invocation(i, LAMBDA_DONE);
}

void instance_fail(struct instance *i, const char *type, const char *fmt, ...)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();
	FP_AUTO(freep) char *body = NULL;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	read_output(i);
	lambda_log_line(&i->log, "RequestId: %s Error: %s", i->current->request_id, text);
	lambda_log_line(&i->log, "%s", type);
	json_set_str(j, "errorType", type);
	json_set_fmt(j, "errorMessage", "RequestId: %s Error: %s", i->current->request_id,
		     text);
	body = json_text(j);
	instance_finish(i, true, body, strlen(body));
}

static int listen_loopback(struct instance *i, struct fp_error *err)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	i->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (i->listener < 0 || fcntl(i->listener, F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(i->listener, F_SETFL, O_NONBLOCK) < 0 ||
	    bind(i->listener, (struct sockaddr *)&a, len) < 0 ||
	    listen(i->listener, INSTANCE_CONNECTIONS) < 0 ||
	    getsockname(i->listener, (struct sockaddr *)&a, &len) < 0)
		return fp_fail_errno(err, "cannot open a port for the Runtime API");
	i->port = ntohs(a.sin_port);
	return 0;
}

static void accept_connection(struct instance *i)
{
	int fd = accept(i->listener, NULL, NULL), on = 1;

	if (fd < 0)
		return;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (size_t k = 0; k < INSTANCE_CONNECTIONS; k++) {
		struct connection *conn = &i->connections[k];

		if (conn->fd >= 0)
			continue;
		memset(conn, 0, sizeof(*conn));
		conn->fd = fd;
		runtime_parser_init(&conn->parser, LAMBDA_MAX_PAYLOAD);
		return;
	}
	(void)close(fd);
}

static void send_out(struct connection *conn)
{
	while (conn->sent < conn->out.len) {
		ssize_t n = send(conn->fd, conn->out.data + conn->sent,
				 conn->out.len - conn->sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			connection_close(conn);
		if (n < 0)
			return;
		conn->sent += (size_t)n;
	}
	conn->sent = 0;
	if (conn->out.cap > 65536)
		buf_release(&conn->out);
	buf_clear(&conn->out);
	if (conn->close_after && !conn->waits && !runtime_parser_amid(&conn->parser))
		connection_close(conn);
}

static void serve_requests(struct instance *i, struct connection *conn)
{
	int rc = 0;

	if (conn->waits && conn->parser.in.len > RUNTIME_MAX_HEAD)
		rc = -1;
	while (!conn->waits && (rc = runtime_parser_run(&conn->parser)) > 0) {
		runtime_serve(i, conn);
		runtime_parser_next(&conn->parser);
	}
	if (rc < 0) {
		connection_close(conn);
		return;
	}
	if (conn->parser.req.expect_continue) {
		conn->parser.req.expect_continue = false;
		buf_puts(&conn->out, "HTTP/1.1 100 Continue\r\n\r\n");
	}
	send_out(conn);
}

/* A runtime that writes head and body apart would wait 40 ms for our kernel's delayed
 * acknowledgement of the first (RFC 896 and 1122 at odds). */
static void hurry(int fd)
{
#ifdef TCP_QUICKACK
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
#else
	(void)fd;
#endif
}

static void read_connection(struct instance *i, struct connection *conn)
{
	char data[65536];
	ssize_t n = recv(conn->fd, data, sizeof(data), 0);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		connection_close(conn);
		return;
	}
	runtime_parser_feed(&conn->parser, data, (size_t)n);
	serve_requests(i, conn);
	if (conn->fd >= 0 && runtime_parser_amid(&conn->parser))
		hurry(conn->fd);
}

/* The process is gone by itself: what that means for the invocation it had. */
static void after_exit(struct instance *i, const char *why)
{
	i->ended = true;
	if (!i->current)
		return;
	if (i->reached_next && !i->delivered)
		release_invocation(i, LAMBDA_AGAIN);
	else if (str_eq(why, "exit status 0"))
		instance_fail(i, "Runtime.ExitError",
			      "Runtime exited without providing a reason");
	else
		instance_fail(i, "Runtime.ExitError", "Runtime exited with error: %s",
			      why);
}

static void take_invocation(struct instance *i, struct invocation *inv)
{
	i->current = inv;
	i->log.tail = &inv->tail;
	if (i->ended)
		return;
	if (i->reached_next)
		i->deadline_ms = clock_monotonic_ms() + i->spec.timeout_ms;
	runtime_deliver(i);
	for (size_t k = 0; k < INSTANCE_CONNECTIONS; k++)
		if (i->connections[k].fd >= 0 && i->connections[k].out.len)
			send_out(&i->connections[k]);
}

static void look_at_assignment(struct instance *i)
{
	struct invocation *assigned;
	enum instance_quit quit;
	char bytes[64];

	while (read(i->wake[0], bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes))
		;
	pool_assignment(i, &assigned, &quit);
	if (quit == QUIT_NOW || (quit == QUIT_IDLE && !assigned))
		i->ended = true;
	if (assigned && !i->current)
		take_invocation(i, assigned);
}

static void look_at_limits(struct instance *i)
{
	int64_t now = clock_monotonic_ms();

	if (!i->current) {
		i->ended = i->ended || now >= i->deadline_ms;
		return;
	}
	if (now >= i->deadline_ms) {
		process_end(i);
		i->ended = true;
		instance_fail(i, "Sandbox.Timedout",
			      "Task timed out after %lld.00 seconds",
			      (long long)(i->spec.timeout_ms / 1000));
		return;
	}
	if (now < i->memory_due_ms)
		return;
	i->memory_due_ms = now + MEMORY_TICK_MS;
	if (process_memory(i, &i->peak) > i->spec.memory * 1024 * 1024) {
		process_end(i);
		i->ended = true;
		instance_fail(i, "Runtime.OutOfMemory",
			      "Runtime exited with error: signal: killed (over %lld MB)",
			      (long long)i->spec.memory);
	}
}

static int poll_timeout(const struct instance *i)
{
	int64_t left = i->deadline_ms - clock_monotonic_ms();

	if (i->current && left > MEMORY_TICK_MS)
		left = MEMORY_TICK_MS;
	if (i->exit_fd < 0 && left > EXIT_TICK_MS)
		left = EXIT_TICK_MS;
	return left < 0 ? 0 : (int)left;
}

static void fill_poll(struct pollfd fds[NPOLL], const struct instance *i)
{
	fds[AT_WAKE] = (struct pollfd){ i->wake[0], POLLIN, 0 };
	fds[AT_OUTPUT] = (struct pollfd){ i->output, POLLIN, 0 };
	fds[AT_EXIT] = (struct pollfd){ i->exit_fd, POLLIN, 0 };
	fds[AT_LISTENER] = (struct pollfd){ i->listener, POLLIN, 0 };
	for (size_t k = 0; k < INSTANCE_CONNECTIONS; k++) {
		const struct connection *conn = &i->connections[k];
		short events = conn->out.len ? POLLIN | POLLOUT : POLLIN;

		fds[AT_CONNECTIONS + k] = (struct pollfd){ conn->fd, events, 0 };
	}
}

static void step(struct instance *i)
{
	struct pollfd fds[NPOLL];
	char why[64];

	fill_poll(fds, i);
	if (poll(fds, NPOLL, poll_timeout(i)) < 0 && errno != EINTR)
		fp_die("cannot wait for a function: %s", strerror(errno));
	if (fds[AT_OUTPUT].revents)
		read_output(i);
	if (fds[AT_LISTENER].revents)
		accept_connection(i);
	for (size_t k = 0; k < INSTANCE_CONNECTIONS; k++) {
		struct connection *conn = &i->connections[k];

		if (conn->fd >= 0 && conn->fd == fds[AT_CONNECTIONS + k].fd &&
		    (fds[AT_CONNECTIONS + k].revents & POLLOUT))
			send_out(conn);
		if (conn->fd >= 0 && conn->fd == fds[AT_CONNECTIONS + k].fd &&
		    (fds[AT_CONNECTIONS + k].revents & (POLLIN | POLLHUP | POLLERR)))
			read_connection(i, conn);
	}
	if (fds[AT_WAKE].revents)
		look_at_assignment(i);
	/* Last: its answer may have come just before its end. */
	if ((fds[AT_EXIT].revents || i->exit_fd < 0) && process_ended(i, why))
		after_exit(i, why);
	else if (!i->ended)
		look_at_limits(i);
}

/* The bootstrap cannot run: tell the invocation for which it was started. */
static void fail_start(struct instance *i, const char *type, const struct fp_error *err)
{
	i->ended = true;
	if (i->current)
		instance_fail(i, type, "%s", err->message);
	log_msg(LOG_ERROR, "cannot start the function '%s': %s", i->spec.name,
		err->message);
}

static void *instance_main(void *arg)
{
	struct instance *i = arg;
	struct fp_error err = { 0 };
	const char *type = "Sandbox.Failure";

	i->born_ms = clock_monotonic_ms();
	i->deadline_ms = i->born_ms + INSTANCE_INIT_MS + i->spec.timeout_ms;
	look_at_assignment(i);
	if (listen_loopback(i, &err) < 0 || process_start(i, &type, &err) < 0)
		fail_start(i, type, &err);
	do {
		while (!i->ended)
			step(i);
		process_end(i);
		read_output(i);
		if (i->current)
			release_invocation(i, LAMBDA_STOPPED);
		/* An invocation that was handed over just now goes to another one. */
		look_at_assignment(i);
		if (i->current)
			release_invocation(i, LAMBDA_AGAIN);
	} while (!pool_leave(i));
	instance_free(i);
	pool_left();
	return NULL;
}

int instance_launch(struct instance *i, struct fp_error *err)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	if (pipe(i->wake) < 0)
		return fp_fail_errno(err, "cannot make a pipe for a function");
	for (int k = 0; k < 2; k++) {
		(void)fcntl(i->wake[k], F_SETFD, FD_CLOEXEC);
		(void)fcntl(i->wake[k], F_SETFL, O_NONBLOCK);
	}
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, instance_main, i);
	(void)pthread_attr_destroy(&attr);
	if (rc != 0)
		return fp_fail(err, FP_ERR_INTERNAL,
			       "cannot start a thread for a function: %s", strerror(rc));
	instance_wake(i);
	return 0;
}
