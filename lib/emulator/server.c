#include "emulator/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "emulator/auth.h"
#include "emulator/bus.h"

#define CONNECTION_LIMIT  512U
#define CONNECTION_MEMORY ((size_t)128 << 10)
#define IDLE_TIMEOUT_S	  90U
#define STACK_SIZE	  ((size_t)1 << 20)
#define BACKLOG		  128
#define HEALTH_PATH	  "/_fpctl/health"

struct server {
	struct emulator *emu;
	struct MHD_Daemon *daemon;
	atomic_bool draining;
	int listener; /* after server_drain: ours to close */
};

/* A request as it comes in; the exchange begins with its headers. */
struct incoming {
	char *uri; /* raw, with the query */
	bool begun;
	struct exchange x;
};

int server_listen(int *port, struct fp_error *err)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)*port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	socklen_t len = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return fp_fail_errno(err, "cannot make a socket");
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, BACKLOG) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &len) == 0) {
		*port = ntohs(a.sin_port);
		return fd;
	}
	if (errno == EADDRINUSE)
		(void)fp_fail(err, FP_ERR_PORT,
			      "port %d is taken by another program; stop that one, or "
			      "choose another with --port",
			      *port);
	else
		(void)fp_fail_errno(err, "cannot listen on 127.0.0.1:%d", *port);
	(void)close(fd);
	return -1;
}

bool server_host_is_local(const char *host)
{
	FP_AUTO(freep) char *name = host ? xstrdup(host) : NULL;
	char *colon;

	if (!name)
		return false;
	colon = strrchr(name, ':');
	if (colon && colon[1 + strspn(colon + 1, "0123456789")] == '\0')
		*colon = '\0';
	str_lower(name);
	return str_eq(name, "127.0.0.1") || str_eq(name, "localhost") ||
	       str_eq(name, "[::1]") || str_ends(name, ".localhost");
}

static enum MHD_Result copy_header(void *cls, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	(void)kind;
	headers_add(cls, name, value ? value : "");
	return MHD_YES;
}

static void read_head(struct incoming *in, struct MHD_Connection *connection,
		      const char *method)
{
	struct http_request *http = &in->x.http;
	char *question = strchr(in->uri, '?');
	const char *host;

	if (question)
		*question = '\0';
	request_init(http, method, in->uri);
	(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, copy_header,
					&http->headers);
	host = headers_get(&http->headers, "Host");
	freep(&http->scheme);
	freep(&http->host);
	freep(&http->query);
	http->scheme = xstrdup("http");
	http->host = xstrdup(host ? host : "");
	http->query = xstrdup(question ? question + 1 : "");
}

/* Neither "*" nor a whole URL, which only a proxy is sent. */
static bool is_path(const char *encoded)
{
	return *encoded == '/';
}

/* A name that ended there would be another name. */
static bool has_nul(const char *encoded)
{
	return strstr(encoded, "%00") != NULL;
}

static void begin(struct server *s, struct incoming *in,
		  struct MHD_Connection *connection, const char *method)
{
	struct exchange *x = &in->x;

	in->begun = true;
	exchange_init(x, s->emu);
	read_head(in, connection, method);
	router_identify(x);
	if (!server_host_is_local(x->http.host))
		(void)fault_set(&x->fault, 403, "AccessDenied",
				"the host '%s' is not this computer: use 127.0.0.1 or "
				"localhost",
				x->http.host);
	else if (!is_path(x->http.path))
		(void)fault_set(&x->fault, 400, "InvalidURI",
				"the request's target is no path: it begins with '/'");
	else if (has_nul(x->http.path) || has_nul(x->http.query))
		(void)fault_set(&x->fault, 400, "InvalidURI",
				"the URI has a character of value 0 in it");
	else if (atomic_load(&s->draining))
		(void)fault_set(&x->fault, 503, "ServiceUnavailable",
				"the emulator is stopping");
	else if (!str_eq(x->http.path, HEALTH_PATH) && auth_begin(x) == 0)
		(void)body_begin(&x->body, s->emu->store, &x->http, &x->claim, x->secret,
				 router_body_limit(x), &x->fault);
}

static void answer_health(struct exchange *x)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();

	json_set_str(j, "status", "ok");
	json_set_str(j, "version", FPCTL_VERSION);
	json_set_int(j, "pid", getpid());
	json_set_int(j, "pending", bus_pending(x->emu->bus));
	json_print(&x->res.body, j);
	x->res.status = 200;
	headers_set(&x->res.headers, "Content-Type", "application/json");
}

static enum MHD_Result send_response(struct exchange *x,
				     struct MHD_Connection *connection)
{
	struct rest_response *res = &x->res;
	struct MHD_Response *out;
	enum MHD_Result rc;

	if (res->body_fd >= 0) {
		out = MHD_create_response_from_fd_at_offset64((uint64_t)res->file_size,
							      res->body_fd,
							      (uint64_t)res->file_offset);
	} else {
		size_t n = res->body.len;

		out = MHD_create_response_from_buffer(
			n, n ? buf_detach(&res->body) : NULL,
			n ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	}
	if (!out)
		return MHD_NO;
	res->body_fd = -1; /* the response has it */
	/* libmicrohttpd takes no empty value; a client drops the space. */
	for (size_t i = 0; i < res->headers.n; i++)
		(void)MHD_add_response_header(out, res->headers.v[i].name,
					      str_or(res->headers.v[i].value, " "));
	rc = MHD_queue_response(connection, (unsigned)res->status, out);
	MHD_destroy_response(out);
	return rc;
}

static enum MHD_Result finish(struct exchange *x, struct MHD_Connection *connection)
{
	bool health = str_eq(x->http.path, HEALTH_PATH);

	if (health && !x->fault.status) {
		answer_health(x);
		return send_response(x, connection);
	}
	if (!x->fault.status && body_end(&x->body, &x->http.headers, &x->fault) == 0)
		(void)auth_end(x);
	router_answer(x);
	return send_response(x, connection);
}

/* Called with the headers, with each part of the body, and at its end. */
static enum MHD_Result handle(void *cls, struct MHD_Connection *connection,
			      const char *url, const char *method, const char *version,
			      const char *data, size_t *size, void **con_cls)
{
	struct server *s = cls;
	struct incoming *in = *con_cls;
	struct exchange *x = &in->x;

	(void)url;
	(void)version;
	if (!in->begun) {
		begin(s, in, connection, method);
		/* Who waits for "100 Continue" need not send the body at all. */
		if (x->fault.status && headers_get(&x->http.headers, "Expect"))
			return finish(x, connection);
		return MHD_YES;
	}
	if (!*size)
		return finish(x, connection);
	if (!x->fault.status && x->secret)
		(void)body_feed(&x->body, data, *size, &x->fault);
	*size = 0;
	return MHD_YES;
}

static void *keep_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct incoming *in = xcalloc(1, sizeof(*in));

	(void)cls;
	(void)connection;
	in->uri = xstrdup(uri);
	return in;
}

static void completed(void *cls, struct MHD_Connection *connection, void **con_cls,
		      enum MHD_RequestTerminationCode why)
{
	struct incoming *in = *con_cls;

	(void)cls;
	(void)connection;
	(void)why;
	if (!in)
		return;
	if (in->begun)
		exchange_release(&in->x);
	free(in->uri);
	free(in);
	*con_cls = NULL;
}

FP_PRINTF(2, 0)
static void log_library(void *cls, const char *fmt, va_list args)
{
	char line[512];

	(void)cls;
	(void)vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = '\0';
	log_msg(LOG_DEBUG, "http: %s", line);
}

int server_start(struct server **out, struct emulator *emu, int socket,
		 struct fp_error *err)
{
	struct server *s = xcalloc(1, sizeof(*s));

	s->emu = emu;
	s->listener = -1;
	s->daemon = MHD_start_daemon(
		MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
			MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG,
		0, NULL, NULL, handle, s, MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL,
		MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_URI_LOG_CALLBACK, keep_uri,
		NULL, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
		MHD_OPTION_CONNECTION_LIMIT, CONNECTION_LIMIT,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S,
		MHD_OPTION_THREAD_STACK_SIZE, STACK_SIZE, MHD_OPTION_END);
	if (s->daemon) {
		*out = s;
		return 0;
	}
	(void)close(socket);
	free(s);
	return fp_fail(err, FP_ERR_INTERNAL, "cannot start the HTTP server");
}

void server_drain(struct server *s)
{
	atomic_store(&s->draining, true);
	s->listener = MHD_quiesce_daemon(s->daemon);
}

void server_stop(struct server *s)
{
	if (!s)
		return;
	MHD_stop_daemon(s->daemon);
	closep(&s->listener);
	free(s);
}
