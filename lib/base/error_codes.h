/*
 * Every error's name, stable number, what it means, and what to do about it: the one
 * table behind the messages, `fpctl explain` and docs/errors.md. A number never changes
 * its meaning. Of what AWS's services refuse, lib/aws/advice.c tells more.
 */
#ifndef FP_ERROR_CODES_H
#define FP_ERROR_CODES_H

#define FP_ERRORS(X)                                                                     \
	X(USAGE, 1001, "the command line is wrong",                                      \
	  "`fpctl help COMMAND` lists the options. The nearest name is suggested.")      \
	X(INPUT, 1002, "a value is not acceptable",                                      \
	  "The message names the value and what is allowed.")                            \
	X(IO, 1003, "a file cannot be read or written",                                  \
	  "The message names the file and the system's reason. On a full disk nothing "  \
	  "half-written is left: free some space and run the same command again.")       \
	X(NOT_FOUND, 1004, "something named does not exist",                             \
	  "The message names it. `fpctl.yaml` is looked for in this folder; `-f FILE` "  \
	  "names another.")                                                              \
	X(LIMIT, 1005, "an input is larger than its limit",                              \
	  "Inputs and answers are limited so that a broken one cannot fill the memory; " \
	  "the message names the limit.")                                                \
	X(TIMEOUT, 1006, "the time allowed ran out",                                     \
	  "`--timeout 10m` allows more. A deployment goes on in CloudFormation: run "    \
	  "`fpctl deploy` again to pick it up.")                                         \
	X(INTERRUPTED, 1007, "stopped by Ctrl-C or a signal",                            \
	  "Ctrl-C stops waiting, not the deployment: `fpctl status` shows it, "          \
	  "`fpctl deploy` picks it up.")                                                 \
	X(CONFIRM, 1008, "a confirmation was needed and not given",                      \
	  "`--yes` answers yes where nobody can be asked.")                              \
	X(INTERNAL, 1009, "fpctl itself is at fault",                                    \
	  "Please report it with the command and its output under `--verbose`.")         \
	X(YAML, 2001, "a YAML or JSON document is malformed",                            \
	  "The message has file, line and column. Tabs cannot indent YAML; a key may "   \
	  "stand once.")                                                                 \
	X(MANIFEST, 2002, "the manifest is not valid",                                   \
	  "All findings come in one run, each with its line, what is allowed there, "    \
	  "and "                                                                         \
	  "the nearest name. What is wrong in the project's own templates and in "       \
	  "`fpctl.lock` is among them.")                                                 \
	X(TEMPLATE, 3001, "a template is not valid",                                     \
	  "`fpctl validate TEMPLATE` found something at the place named; or resources "  \
	  "or stacks wait for one another.")                                             \
	X(UNRESOLVED, 3002, "a template refers to what does not exist",                  \
	  "The template names a resource, parameter or condition that it does not "      \
	  "have.")                                                                       \
	X(NETWORK, 4001, "no answer came from the endpoint",                             \
	  "See whether the endpoint in the message is the one you mean "                 \
	  "(`--endpoint-url`, `AWS_ENDPOINT_URL`), then the network, proxy and "         \
	  "firewall. "                                                                   \
	  "For the emulator: `fpctl local up`.")                                         \
	X(AWS, 4002, "the service refused the request",                                  \
	  "The service's own code and text are shown, with the request id for AWS's "    \
	  "support. The usual codes have numbers of their own, from FP4101 on.")         \
	X(CREDENTIALS, 4003, "no usable credentials were found",                         \
	  "Set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or choose a profile "    \
	  "with "                                                                        \
	  "`--profile`. With no account: `--local`.")                                    \
	X(PROTOCOL, 4004, "an answer cannot be understood",                              \
	  "What answered is not the service that was asked; a proxy, a login page or a " \
	  "wrong `--endpoint-url` may be in the way.")                                   \
	X(TLS, 4005, "no secure connection can be made",                                 \
	  "The endpoint's certificate is not trusted, has expired or names another "     \
	  "host. "                                                                       \
	  "Behind a company's proxy set `AWS_CA_BUNDLE` to its certificates; else see "  \
	  "whether this machine's clock and the endpoint are right. It is never "        \
	  "skipped.")                                                                    \
	X(PROXY, 4006, "the proxy does not let the request through",                     \
	  "The message names the proxy and what it wants. `HTTPS_PROXY` may hold a "     \
	  "user and password (`http://USER:PASSWORD@HOST:PORT`); `NO_PROXY` lists what " \
	  "goes around it. `fpctl doctor` shows which one is used.")                     \
	X(STACK, 5001, "a stack operation failed",                                       \
	  "The last line names the resource and CloudFormation's reason. Other stacks "  \
	  "are finished; mend the cause and run `fpctl deploy` again.")                  \
	X(BUILD, 5002, "a processor cannot be built",                                    \
	  "The message names the processor and what its folder must hold.")              \
	X(PORT, 6001, "the emulator's port is taken",                                    \
	  "`fpctl local up --port N` takes another port; `--port 0` takes any free "     \
	  "one.")                                                                        \
	X(STATE, 6002, "the emulator's state cannot be used",                            \
	  "The state folder is used by another emulator, damaged, or of a newer "        \
	  "version. "                                                                    \
	  "`--state DIR` takes another.")                                                \
	X(DOCTOR, 7001, "`fpctl doctor` found something that fails",                     \
	  "Below each line that begins with `fail` stands how to mend it.")

#endif
