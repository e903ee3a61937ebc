/*
 * Where the authorities' certificates are, when libcurl does not know: a program
 * built on Debian looks in Debian's place, and may run on Amazon Linux.
 */
#ifndef FP_HTTP_CERTIFICATES_H
#define FP_HTTP_CERTIFICATES_H

/* A PEM file that is there, or NULL when libcurl's own place is (or none). */
const char *certificates_file(void);

#endif
