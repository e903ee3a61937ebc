#include "emulator/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"

#define ADDRESS_LIMIT  65536
#define HEALTH_WAIT_S  2
#define HEALTH_REQUEST "GET /_fpctl/health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
#define RESPONSE_LIMIT 4096

char *address_path(const char *state)
{
	return fs_join(state, "address.json");
}

void emulator_address_release(struct emulator_address *a)
{
	free(a->url);
	free(a->access_key_id);
	str_wipe(&a->secret_access_key);
	free(a->region);
	*a = (struct emulator_address){ 0 };
}

int address_write(const struct emulator_address *a, const char *state,
		  struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(freep) char *path = address_path(state);

	json_set_str(j, "url", a->url);
	json_set_int(j, "port", a->port);
	json_set_int(j, "pid", a->pid);
	json_set_str(j, "access_key_id", a->access_key_id);
	json_set_str(j, "secret_access_key", a->secret_access_key);
	json_set_str(j, "region", a->region);
	json_print_pretty(&text, j);
	return fs_write_atomic(path, text.data, text.len, 0600, err);
}

static int connect_to(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port) };
	struct timeval wait = { HEALTH_WAIT_S, 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* The pid in the answer to a health request; -1 when none came. */
static int64_t ask_pid(int port)
{
	FP_AUTO(closep) int fd = connect_to(port);
	FP_AUTO(json_freep) cJSON *j = NULL;
	char answer[RESPONSE_LIMIT];
	size_t n = 0;
	ssize_t k = 1;
	const char *body;

	if (fd < 0 || send(fd, HEALTH_REQUEST, strlen(HEALTH_REQUEST), MSG_NOSIGNAL) < 0)
		return -1;
	while (k > 0 && n < sizeof(answer) - 1) {
		k = recv(fd, answer + n, sizeof(answer) - 1 - n, 0);
		if (k > 0)
			n += (size_t)k;
	}
	answer[n] = '\0';
	body = strstr(answer, "\r\n\r\n");
	if (!body)
		return -1;
	j = cJSON_Parse(body + 4);
	return json_int(j, "pid", -1);
}

bool emulator_in_use(const char *state)
{
	FP_AUTO(freep) char *path = fs_join(state, "lock");
	FP_AUTO(closep) int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;
}

int emulator_find(struct emulator_address *out, const char *state, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(freep) char *path = address_path(state);
	FP_AUTO(json_freep) cJSON *j = NULL;

	*out = (struct emulator_address){ 0 };
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (fs_read(&text, path, ADDRESS_LIMIT, err) < 0)
		return -1;
	j = json_parse(buf_str(&text), text.len, path, err);
	if (!j)
		return -1;
	out->url = xstrdup(json_str(j, "url", ""));
	out->port = (int)json_int(j, "port", 0);
	out->pid = (long)json_int(j, "pid", 0);
	out->access_key_id = xstrdup(json_str(j, "access_key_id", ""));
	out->secret_access_key = xstrdup(json_str(j, "secret_access_key", ""));
	out->region = xstrdup(json_str(j, "region", EMULATOR_REGION));
	/* After kill -9 the file is there, and something else may have the port. */
	if (out->port > 0 && ask_pid(out->port) == out->pid)
		return 1;
	emulator_address_release(out);
	return 0;
}
