/*
 * Child processes.
 */
#ifndef FP_PROC_H
#define FP_PROC_H

#include <sys/types.h>

#include "base/base.h"
#include "base/error.h"

struct proc_spec {
	const char *const
		*argv; /* NULL-terminated; argv[0] is the path, seen from folder */
	const char *const *envp; /* NULL-terminated; NULL inherits */
	const char *folder;	 /* working folder; NULL inherits */
	int in, out, err;	 /* fds, or -1 for /dev/null */
	bool own_group;		 /* setpgid: signals from the terminal do not reach it */
	bool own_session;	 /* setsid: outlives the terminal */
	bool die_with_parent;	 /* SIGKILL when the parent's thread ends (Linux) */
};

/*
 * Starts it; every other fd is closed in the child, and signals are as by
 * default. A program or folder that is missing fails here, and leaves no child.
 * Returns 0 and the pid, which the caller waits for.
 */
FP_MUST_CHECK int proc_start(pid_t *pid, const struct proc_spec *spec,
			     struct fp_error *err);

#endif
