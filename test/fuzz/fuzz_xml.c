/* XML in, and any text through our writer: what we write is always XML. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "wire/query.h"
#include "wire/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void write_and_read(const uint8_t *data, size_t n)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf document = BUF_INIT;
	FP_AUTO(freep) char *text = xstrndup((const char *)data, n);
	struct xml *root;

	xml_element(&document, "a", text);
	if (xml_parse(&root, &a, document.data, document.len, NULL) < 0 || root->first)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(json_freep)
	cJSON *answer = query_decode_response((const char *)data, n, NULL);
	struct xml *root = NULL;

	if (xml_parse(&root, &a, (const char *)data, n, NULL) == 0)
		(void)xml_text(root, "Error.Code", "");
	else if (answer)
		abort();
	write_and_read(data, n);
	return 0;
}
