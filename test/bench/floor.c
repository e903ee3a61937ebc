/* The floor: libmicrohttpd and nothing behind it. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define PIECE 65536

static struct {
	char *answer;
	size_t size;
	int echoes[CALLERS]; /* processes that send back what they get */
	size_t free;
	pthread_mutex_t lock;
} bare = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int echo_start(void)
{
	static char data[PIECE];
	int ends[2];
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		give_up("cannot make a pair of sockets");
	if (fork() == 0) {
		(void)close(ends[0]);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while ((n = read(ends[1], data, sizeof(data))) > 0)
			if (write(ends[1], data, (size_t)n) != n)
				break;
		_exit(0);
	}
	(void)close(ends[1]);
	return ends[0];
}

static void hand_over(const char *data, size_t size)
{
	char back[PIECE];
	int fd;

	(void)pthread_mutex_lock(&bare.lock);
	fd = bare.echoes[--bare.free];
	(void)pthread_mutex_unlock(&bare.lock);
	if (write(fd, data, size) != (ssize_t)size || read(fd, back, sizeof(back)) <= 0)
		give_up("the other process is gone");
	(void)pthread_mutex_lock(&bare.lock);
	bare.echoes[bare.free++] = fd;
	(void)pthread_mutex_unlock(&bare.lock);
}

static enum MHD_Result answer(void *cls, struct MHD_Connection *connection,
			      const char *url, const char *method, const char *version,
			      const char *data, size_t *size, void **seen)
{
	struct MHD_Response *response;
	enum MHD_Result rc;

	(void)cls, (void)url, (void)method, (void)version;
	if (!*seen) {
		*seen = &bare;
		return MHD_YES;
	}
	if (*size) {
		if (bare.echoes[0])
			hand_over(data, *size);
		*size = 0;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(bare.size, bare.answer,
						   MHD_RESPMEM_PERSISTENT);
	rc = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	return rc;
}

static void serve(int port_to, size_t size, bool over)
{
	struct MHD_Daemon *d;
	const union MHD_DaemonInfo *info;
	int port;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	bare.size = size;
	bare.answer = xcalloc(1, size + 1);
	for (size_t i = 0; over && i < CALLERS; i++)
		bare.echoes[bare.free++] = echo_start();
	d = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION |
				     MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL,
			     0, NULL, NULL, answer, NULL, MHD_OPTION_END);
	info = d ? MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	if (!info)
		give_up("cannot start the bare server");
	port = info->port;
	(void)!write(port_to, &port, sizeof(port));
	for (;;)
		(void)pause();
}

int floor_start(int *port, size_t size, bool over)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0 || (pid = fork()) < 0)
		give_up("cannot start the bare server");
	if (pid == 0)
		serve(fds[1], size, over);
	(void)close(fds[1]);
	if (read(fds[0], port, sizeof(*port)) != (ssize_t)sizeof(*port))
		give_up("the bare server does not start");
	(void)close(fds[0]);
	return pid;
}

void floor_stop(int pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}
