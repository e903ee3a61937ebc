#include <ctype.h>

#include "app.h"
#include "aws/advice.h"
#include "base/json.h"
#include "command.h"

struct explain_opts {
	bool markdown;
};

static const struct opt opts[] = {
	{ 0, "markdown", OPT_FLAG, offsetof(struct explain_opts, markdown),
	  "all of them, as a document", NULL },
};

/* Of either table. */
struct entry {
	unsigned number;
	const char *summary, *next;
	const char *codes, *service; /* of AWS; or NULL */
};

static struct entry of_kind(const struct fp_error_kind *k)
{
	return (struct entry){ k->number, k->summary, k->advice, NULL, NULL };
}

static struct entry of_advice(const struct aws_advice *a)
{
	return (struct entry){ a->number, a->summary, a->next, a->codes, a->service };
}

/* A clause of a message as a sentence of a document. */
static void put_sentence(FILE *to, const char *text)
{
	size_t n = strlen(text);

	fprintf(to, "%c%s%s\n", toupper((unsigned char)text[0]), text + (n > 0),
		n && text[n - 1] == '.' ? "" : ".");
}

/* "`A`, `B`" out of "A B". */
static void put_codes(FILE *to, const char *codes, const char *quote)
{
	for (const char *p = codes; *p; p += strspn(p, " ")) {
		int n = (int)strcspn(p, " ");

		fprintf(to, "%s%s%.*s%s", p == codes ? "" : ", ", quote, n, p, quote);
		p += n;
	}
}

static void put_entry(FILE *to, const struct entry *e, bool markdown)
{
	fprintf(to, "%sFP%04u: %s\n", markdown ? "\n## " : "", e->number, e->summary);
	if (e->codes) {
		fprintf(to, "%s says: ", e->service ? e->service : "AWS");
		put_codes(to, e->codes, markdown ? "`" : "");
		fputs(markdown ? ".\n\n" : "\n", to);
	}
	put_sentence(to, e->next);
}

/* By number: AWS's codes stand between FP40nn and FP50nn. */
static void put_all(FILE *to, bool markdown)
{
	const struct aws_advice *a = aws_advices;

	for (const struct fp_error_kind *k = fp_error_kinds; k->number; k++) {
		struct entry e = of_kind(k);

		for (; a->number && a->number < k->number; a++) {
			struct entry of_aws = of_advice(a);

			put_entry(to, &of_aws, markdown);
			fputs(markdown ? "" : "\n", to);
		}
		put_entry(to, &e, markdown);
		fputs(markdown || !k[1].number ? "" : "\n", to);
	}
}

static void put_document(FILE *to)
{
	fputs("# Errors\n\n"
	      "An error of fpctl is one line that says what failed, why, and where it is "
	      "known what to do next. Its number, such as `FP2002`, keeps its meaning in "
	      "every version. What an AWS service refuses is told with the service and "
	      "operation, AWS's own code and the request id. The last line on the screen "
	      "is the cause. `fpctl explain FP4101` and `fpctl explain AccessDenied` "
	      "print the same as this document, which `fpctl explain --markdown` "
	      "writes.\n\n"
	      "Exit status: 0 when done (also when there was nothing to do), 1 for an "
	      "error (without a word when the reader of a pipe has gone), 2 for a wrong "
	      "command line, 130 when interrupted.\n",
	      to);
	put_all(to, true);
}

static void put_json(struct app *app, const struct entry *e)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();

	json_set_fmt(j, "number", "FP%04u", e->number);
	json_set_str(j, "summary", e->summary);
	json_set_str(j, "next", e->next);
	if (e->codes) {
		FP_AUTO(strs_release) struct strs codes = STRS_INIT;
		cJSON *list = json_set_array(j, "aws_codes");

		strs_split(&codes, e->codes, ' ');
		for (size_t i = 0; i < codes.n; i++)
			json_push_str(list, codes.v[i]);
	}
	json_set_str(j, "service", e->service);
	app_print_json(app, j);
}

static bool find(struct entry *out, const char *name)
{
	const char *digits = name + (strncasecmp(name, "FP", 2) == 0 ? 2 : 0);
	const struct aws_advice *a;
	int64_t number;

	if (!str_to_i64(digits, 1, 9999, &number)) {
		a = aws_advice_of(NULL, name);
		if (a)
			*out = of_advice(a);
		return a != NULL;
	}
	a = aws_advice_numbered((unsigned)number);
	if (a)
		*out = of_advice(a);
	for (const struct fp_error_kind *k = fp_error_kinds; !a && k->number; k++) {
		if (k->number != (unsigned)number)
			continue;
		*out = of_kind(k);
		return true;
	}
	return a != NULL;
}

/* The nearest of AWS's codes; owned by the caller. */
static char *nearest(const char *name)
{
	FP_AUTO(strs_release) struct strs codes = STRS_INIT;
	const char *near;

	for (const struct aws_advice *a = aws_advices; a->number; a++)
		strs_split(&codes, a->codes, ' ');
	near = str_nearest(name, (const char *const *)codes.v, codes.n);
	return near ? xstrdup(near) : NULL;
}

static int explain_run(struct app *app, const void *args, struct fp_error *err)
{
	const struct explain_opts *o = args;
	FP_AUTO(freep) char *near = NULL;
	struct entry e;

	if (o->markdown && app->nargs == 0) {
		put_document(app->ui.out);
		return 0;
	}
	if (app->nargs == 0) {
		put_all(app->ui.out, false);
		return 0;
	}
	if (find(&e, app->args[0])) {
		if (app->global.json)
			put_json(app, &e);
		else
			put_entry(app->ui.out, &e, false);
		return 0;
	}
	near = nearest(app->args[0]);
	if (near)
		return fp_fail(err, FP_ERR_NOT_FOUND,
			       "nothing is told of '%s': did you mean '%s'?",
			       app->args[0], near);
	return fp_fail(err, FP_ERR_NOT_FOUND,
		       "nothing is told of '%s': give a number (FP4101) or a code of "
		       "AWS's (AccessDenied); without either all are listed",
		       app->args[0]);
}

const struct command cmd_explain = {
	.name = "explain",
	.summary = "say what an error means and what to do about it",
	.args = "[FPnnnn | CODE]",
	.max_args = 1,
	.details = "Takes the number that an error was printed with, or a code of AWS's. "
		   "Without either it lists all.",
	.examples = "fpctl explain FP4101\n"
		    "fpctl explain AccessDenied",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct explain_opts),
	.run = explain_run,
};
