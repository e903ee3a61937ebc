/*
 * Functions that cannot be used safely, or that hide errors. Use the ones in
 * base/str.h and base/buf.h. Included by base.h, after the system headers that
 * declare these names.
 */
#ifndef FP_BANNED_H
#define FP_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok atoi atol

#endif
