#include "http/certificates.h"

#include <curl/curl.h>
#include <unistd.h>

#include "base/base.h"

const char *certificates_file(void)
{
	static const char *const places[] = {
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Amazon Linux, Fedora */
		"/etc/ssl/certs/ca-certificates.crt", /* Debian, Ubuntu */
		"/etc/ssl/cert.pem",		      /* macOS, Alpine */
	};
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	if (info->cainfo && access(info->cainfo, R_OK) == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}
