#include "emulator/emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "emulator/address.h"
#include "emulator/auth.h"
#include "emulator/bus.h"
#include "emulator/server.h"
#include "emulator/service.h"

static const int stop_signals[] = { SIGTERM, SIGINT, SIGHUP };

/* Signals and emulator_stop write into it. Made once and never closed, so that
 * nobody can write into what took its place. */
static int stop_pipe[2] = { -1, -1 };
static atomic_bool serving;

/* Everything that must be undone at the end, in the order of its making. */
struct running {
	struct emulator emu;
	struct store *store;
	struct bus *bus;
	struct server *server;
	size_t nstarted; /* services */
	int socket;	 /* until the server has it */
	char *address;	 /* path of address.json, once written */
	FILE *log;
	bool catching; /* the signals */
	struct sigaction before[ARRAY_SIZE(stop_signals)], pipe_before;
};

void emulator_stop(void)
{
	int saved = errno;

	if (atomic_load(&serving))
		(void)!write(stop_pipe[1], "", 1);
	errno = saved;
}

static void on_signal(int sig)
{
	(void)sig;
	emulator_stop();
}

static int make_stop_pipe(struct fp_error *err)
{
	char byte;

	if (stop_pipe[0] < 0 && pipe(stop_pipe) < 0)
		return fp_fail_errno(err, "cannot make a pipe");
	for (int i = 0; i < 2; i++) {
		(void)fcntl(stop_pipe[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(stop_pipe[i], F_SETFL, O_NONBLOCK);
	}
	/* What was meant for one that served before. */
	while (read(stop_pipe[0], &byte, 1) == 1)
		;
	return 0;
}

static int catch_signals(struct running *r, struct fp_error *err)
{
	struct sigaction stop = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (make_stop_pipe(err) < 0)
		return -1;
	r->catching = true;
	atomic_store(&serving, true);
	for (size_t i = 0; i < ARRAY_SIZE(stop_signals); i++)
		(void)sigaction(stop_signals[i], &stop, &r->before[i]);
	(void)sigaction(SIGPIPE, &ignore, &r->pipe_before);
	return 0;
}

static void release_signals(struct running *r)
{
	if (!r->catching)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(stop_signals); i++)
		(void)sigaction(stop_signals[i], &r->before[i], NULL);
	(void)sigaction(SIGPIPE, &r->pipe_before, NULL);
	atomic_store(&serving, false);
}

static int open_log(struct running *r, const char *path, struct fp_error *err)
{
	int fd;

	if (!path) {
		log_open(stderr, LOG_INFO);
		return 0;
	}
	fd = fs_open(path, O_WRONLY | O_CREAT | O_APPEND, 0600, err);
	if (fd < 0)
		return -1;
	r->log = fdopen(fd, "a");
	if (!r->log) {
		(void)close(fd);
		return fp_fail_errno(err, "cannot open '%s'", path);
	}
	log_open(r->log, LOG_INFO);
	return 0;
}

static int start_services(struct running *r, struct fp_error *err)
{
	for (size_t i = 0; services[i]; i++)
		if (services[i]->schema &&
		    store_script(r->store, services[i]->schema, err) < 0)
			return fp_wrap(err, "cannot make the tables of %s",
				       services[i]->name);
	for (; services[r->nstarted]; r->nstarted++) {
		const struct service *s = services[r->nstarted];

		if (s->start && s->start(&r->emu, err) < 0)
			return fp_wrap(err, "cannot start %s", s->name);
	}
	return 0;
}

static int publish_address(struct running *r, int port, struct fp_error *err)
{
	struct emulator_address a = {
		.url = (char *)r->emu.url,
		.port = port,
		.pid = getpid(),
		.access_key_id = (char *)r->emu.access_key_id,
		.secret_access_key = (char *)r->emu.secret_access_key,
		.region = (char *)r->emu.region
	};

	if (address_write(&a, r->emu.state, err) < 0)
		return -1;
	r->address = address_path(r->emu.state);
	return 0;
}

static int start(struct running *r, const struct emulator_options *o,
		 struct fp_error *err)
{
	int port = o->port;

	r->emu = (struct emulator){ .state = o->state,
				    .account = EMULATOR_ACCOUNT,
				    .region = str_or(o->region, EMULATOR_REGION) };
	if (store_open(&r->store, o->state, err) < 0)
		return -1;
	r->emu.store = r->store;
	r->socket = server_listen(&port, err);
	if (r->socket < 0)
		return -1;
	if (open_log(r, o->log, err) < 0 || catch_signals(r, err) < 0)
		return -1;
	r->emu.url = xasprintf("http://127.0.0.1:%d", port);
	if (auth_open(&r->emu, err) < 0 || bus_open(&r->bus, &r->emu, err) < 0)
		return -1;
	r->emu.bus = r->bus;
	if (start_services(r, err) < 0 || bus_start(r->bus, err) < 0)
		return -1;
	if (server_start(&r->server, &r->emu, r->socket, err) < 0) {
		r->socket = -1;
		return -1;
	}
	r->socket = -1;
	return publish_address(r, port, err);
}

/* Services end first: what they run is what others wait for. */
static void stop(struct running *r)
{
	if (r->address)
		(void)unlink(r->address);
	if (r->server)
		server_drain(r->server);
	if (r->bus)
		bus_quiesce(r->bus);
	while (r->nstarted-- > 0)
		if (services[r->nstarted]->stop)
			services[r->nstarted]->stop(&r->emu);
	server_stop(r->server);
	bus_close(r->bus);
	store_close(r->store);
	closep(&r->socket);
	release_signals(r);
	log_open(NULL, LOG_ERROR);
	if (r->log)
		(void)fclose(r->log);
	freep(&r->address);
	freep(&r->emu.url);
	freep(&r->emu.access_key_id);
	freep(&r->emu.secret_access_key);
}

int emulator_serve(const struct emulator_options *o, struct fp_error *err)
{
	struct running r = { .socket = -1 };
	struct pollfd stop_asked;
	int rc = start(&r, o, err);

	if (rc == 0) {
		log_msg(LOG_INFO, "serving on %s, state in '%s'", r.emu.url, o->state);
		stop_asked = (struct pollfd){ .fd = stop_pipe[0], .events = POLLIN };
		while (poll(&stop_asked, 1, -1) < 0 && errno == EINTR)
			;
		log_msg(LOG_INFO, "stopping");
	}
	stop(&r);
	return rc;
}
