/* The shared config and credentials files: any text gives a value or none. */
#include <stdlib.h>

#include "aws/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const profiles[] = { "default", "dev", "my team" };
	const char *text = (const char *)data;

	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++) {
		for (int file = PROFILE_CONFIG; file <= PROFILE_CREDENTIALS; file++) {
			char *value = profile_value(text, n, (enum profile_file)file,
						    profiles[i], "region");

			/* A value without its section would be somebody else's. */
			if (value && !profile_exists(text, n, (enum profile_file)file,
						     profiles[i]))
				abort();
			free(value);
		}
	}
	return 0;
}
