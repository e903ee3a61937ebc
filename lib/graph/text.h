/*
 * Texts in pictures: cut and measured. Internal to lib/graph.
 */
#ifndef FP_GRAPH_TEXT_H
#define FP_GRAPH_TEXT_H

#include "base/buf.h"

/* Characters of a text that is shown whole; a longer one ends with an ellipsis. */
#define TEXT_SHOWN 46

/*
 * How wide a text is in a common sans-serif font of that size, cut as it is shown.
 * An estimate on the wide side: which font a viewer has is not known.
 */
double text_width(const char *s, double size, bool bold);
/* Append for XML, cut to `max` characters; control characters are left out. */
void text_xml(struct buf *out, const char *s, size_t max);

#endif
