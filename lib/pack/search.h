/*
 * Where the dynamic loader looks for a library that no RPATH names.
 * Source: ld.so(8), ldconfig(8).
 */
#ifndef FP_PACK_SEARCH_H
#define FP_PACK_SEARCH_H

#include "base/str.h"

/*
 * Append the folders of /etc/ld.so.conf (with what it includes) and the built-in
 * ones, first come first; `arch` is "x86_64" or "arm64".
 */
void search_system_folders(struct strs *out, const char *arch);
/* As the loader reads it: "$ORIGIN" and "${ORIGIN}" become `origin`. NULL when it
 * holds another token, or is relative: such a folder is not searched. */
char *search_expand(const char *folder, const char *origin);

#endif
