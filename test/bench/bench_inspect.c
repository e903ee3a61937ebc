/*
 * bench_inspect FILE NAME: what the processor does with each byte of an object
 * (SHA-256 and the check of its kind), without the network. Prints the seconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/str.h"
#include "processor/inspect.h"

int main(int argc, char **argv)
{
	static char piece[64 << 10];
	struct fp_error err = { 0 };
	struct digest *d = digest_new("SHA256");
	struct inspect in;
	struct inspection result;
	uint8_t sum[SHA256_LEN];
	int64_t start;
	ssize_t n;
	int fd;

	if (argc != 3 || (fd = fs_open(argv[1], O_RDONLY, 0, &err)) < 0) {
		fprintf(stderr, "bench_inspect: %s\n", str_or(err.message, "FILE NAME"));
		return EXIT_FAILURE;
	}
	start = clock_monotonic_ms();
	inspect_init(&in, argv[2]);
	while ((n = read(fd, piece, sizeof(piece))) > 0) {
		digest_update(d, piece, (size_t)n);
		inspect_feed(&in, piece, (size_t)n);
	}
	inspect_finish(&in, &result);
	digest_final(d, sum);
	printf("%.3f\n", (double)(clock_monotonic_ms() - start) / 1000);
	fprintf(stderr, "%lld records\n", (long long)result.records);
	digest_freep(&d);
	close(fd);
	return n < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
