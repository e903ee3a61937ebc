/*
 * The functions and dynamic references in a template: where each may stand, and what
 * each takes. Reported only when no value could do.
 * Source: CloudFormation User Guide, "Intrinsic function reference" and "Using dynamic
 * references".
 */
#include "cfn/checker.h"
#include "cfn/refs.h"
#include "cfn/subtext.h"

enum wants { WANTS_ANYTHING, WANTS_TEXT, WANTS_LIST, WANTS_LITERAL };

static bool gives_list_attribute(const struct checker *c, const struct node *arg)
{
	const struct node *type = NULL;
	const struct type_facts *facts;
	const char *name = node_text(arg), *dot = name ? strchr(name, '.') : NULL;
	FP_AUTO(freep) char *id = dot ? xstrndup(name, (size_t)(dot - name)) : NULL;

	if (id)
		type = node_get(node_get(c->resources, id), "Type");
	facts = node_text(type) ? factbook_type(node_text(type)) : NULL;
	return facts &&
	       node_is(node_get(node_get(facts->node, "attributes"), dot + 1), "array");
}

enum gives check_gives(const struct checker *c, const struct call *call)
{
	const char *name = node_text(call->arg);

	switch (call->fn) {
	case FN_BASE64:
	case FN_JOIN:
	case FN_SUB:
	case FN_TO_JSON_STRING:
		return GIVES_TEXT;
	case FN_CIDR:
	case FN_GET_AZS:
	case FN_SPLIT:
		return GIVES_LIST;
	case FN_GET_ATT:
		return gives_list_attribute(c, call->arg) ? GIVES_LIST : GIVES_ANYTHING;
	case FN_REF:
		if (!name)
			return GIVES_ANYTHING;
		if (node_get(c->resources, name))
			return GIVES_TEXT;
		return check_is_list_parameter(c, name) ||
				       str_eq(name, "AWS::NotificationARNs")
			       ? GIVES_LIST
			       : GIVES_ANYTHING;
	default:
		return GIVES_ANYTHING;
	}
}

/* What each argument must be; of a list argument, the items are texts. */
static enum wants wants_of(enum fn fn, size_t i)
{
	switch (fn) {
	case FN_BASE64:
	case FN_IMPORT_VALUE:
		return WANTS_TEXT;
	case FN_JOIN:
		return i ? WANTS_LIST : WANTS_LITERAL;
	case FN_SPLIT:
		return i ? WANTS_TEXT : WANTS_LITERAL;
	case FN_SELECT:
		return i ? WANTS_LIST : WANTS_TEXT;
	case FN_CIDR:
	case FN_EQUALS:
	case FN_FIND_IN_MAP:
		return i < 3 ? WANTS_TEXT : WANTS_ANYTHING;
	case FN_GET_AZS:
		return WANTS_TEXT;
	default:
		return WANTS_ANYTHING;
	}
}

static void check_argument(const struct checker *c, const struct step *at,
			   const struct call *outer, enum wants wants,
			   const struct node *arg)
{
	const char *name = fn_name(outer->fn);
	enum gives gives;
	struct call call;

	if (call_of(arg, &call) != CALL_FOUND || arg == outer->node)
		return;
	gives = check_gives(c, &call);
	if (wants == WANTS_LITERAL)
		check_fail(c, at, arg->pos, NULL, "%s takes no function as its delimiter",
			   name);
	else if (wants == WANTS_TEXT && gives == GIVES_LIST)
		check_fail(c, at, arg->pos, NULL, "%s takes a text here; %s gives a list",
			   name, fn_name(call.fn));
	else if (wants == WANTS_LIST && gives == GIVES_TEXT)
		check_fail(c, at, arg->pos, NULL, "%s takes a list here; %s gives a text",
			   name, fn_name(call.fn));
}

static void check_arguments(const struct checker *c, const struct step *at,
			    const struct call *call)
{
	const struct node *arg = call->arg;

	if (arg->kind != NODE_SEQUENCE || (arg->tag && arg != call->node)) {
		check_argument(c, at, call, wants_of(call->fn, 0), arg);
		return;
	}
	for (size_t i = 0; i < arg->seq.n; i++) {
		enum wants wants = wants_of(call->fn, i);
		const struct node *item = arg->seq.v[i];
		struct step here = { at, NULL, i };

		check_argument(c, &here, call, wants, item);
		if (wants != WANTS_LIST || call->fn == FN_SELECT || item->tag ||
		    item->kind != NODE_SEQUENCE)
			continue;
		for (size_t k = 0; k < item->seq.n; k++) {
			struct step inner = { &here, NULL, k };

			check_argument(c, &inner, call, WANTS_TEXT, item->seq.v[k]);
		}
	}
}

static void check_sub_lists(const struct checker *c, const struct step *at,
			    const struct call *call)
{
	const struct node *text = call->arg, *vars = NULL;
	const char *s, *end;
	struct sub_piece p;

	if (text->kind == NODE_SEQUENCE && text->seq.n == 2) {
		vars = text->seq.v[1];
		text = text->seq.v[0];
	}
	if (text->kind != NODE_SCALAR || !c->parameters)
		return;
	s = text->scalar.text;
	end = s + text->scalar.len;
	while ((p = sub_next(&s, end)).kind != SUB_END) {
		FP_AUTO(freep) char *name = NULL;

		if (p.kind != SUB_VARIABLE)
			continue;
		name = xstrndup(p.text, p.len);
		if (!node_get(vars, name) && check_is_list_parameter(c, name))
			check_fail(c, at, text->pos, "use Fn::Join",
				   "Fn::Sub cannot put the list '%s' into a text", name);
	}
}

/* Of a source fpctl evaluates what it can; only what stays then needs the transform. */
bool check_lacks_transform(const struct checker *c)
{
	return !c->extended && (!c->source || c->complete);
}

/* What only AWS::LanguageExtensions knows. */
static bool needs_extensions(const struct call *call)
{
	const struct node *arg = call->arg;
	struct call inner;

	if (call->fn == FN_LENGTH || call->fn == FN_TO_JSON_STRING)
		return true;
	if (call->fn != FN_FIND_IN_MAP || arg->kind != NODE_SEQUENCE)
		return false;
	for (size_t i = 0; i < arg->seq.n; i++)
		if (i == 3 || (call_of(arg->seq.v[i], &inner) == CALL_FOUND &&
			       inner.fn != FN_REF && inner.fn != FN_FIND_IN_MAP))
			return true;
	return false;
}

static void check_place(const struct checker *c, const struct step *at,
			const struct call *call)
{
	bool truth = call->fn == FN_AND || call->fn == FN_OR || call->fn == FN_NOT ||
		     call->fn == FN_EQUALS || call->fn == FN_CONDITION;

	if (truth && !c->in_conditions)
		check_fail(c, at, call->node->pos,
			   "declare it under Conditions and name it in Fn::If",
			   "%s stands only under Conditions and Rules",
			   fn_name(call->fn));
	else if (check_lacks_transform(c) && needs_extensions(call))
		check_fail(c, at, call->node->pos,
			   "add 'Transform: AWS::LanguageExtensions'",
			   "this %s needs a transform", fn_name(call->fn));
}

/* Whether the text is NAME or NAME:VERSION, names as SSM has them. */
static bool is_parameter_reference(const char *s, const char *end)
{
	const char *from = s;

	while (s < end && (strchr("_.-/", *s) || (*s >= '0' && *s <= '9') ||
			   (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z')))
		s++;
	if (s == from)
		return false;
	if (s < end && *s == ':' && s + 1 < end)
		for (s++; s < end && *s >= '0' && *s <= '9';)
			s++;
	return s == end;
}

/* secret-id:SecretString:json-key:version-stage:version-id; an ARN has seven parts. */
static const char *secret_fault(const char *text)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	size_t from;

	strs_split(&parts, text, ':');
	from = str_eq(parts.v[0], "arn") ? 7 : 1;
	if (!*parts.v[0] || (from == 7 && parts.n < 7))
		return "it names no secret";
	if (parts.n > from && *parts.v[from] && !str_eq(parts.v[from], "SecretString"))
		return "behind the secret's name stands SecretString";
	if (parts.n > from + 4)
		return "it has too many parts";
	if (parts.n > from + 3 && *parts.v[from + 2] && *parts.v[from + 3])
		return "a version's stage and its id exclude each other";
	return NULL;
}

static void check_dynamic(const struct checker *c, const struct step *at,
			  const struct node *n, const char *text)
{
	static const char *const services[] = { "secretsmanager", "ssm", "ssm-secure" };
	FP_AUTO(freep) char *service = xstrndup(text, strcspn(text, ":"));
	const char *rest = text + strlen(service), *fault = NULL;

	rest += *rest == ':';
	if (!check_is_listed(services, ARRAY_SIZE(services), service)) {
		check_fail_near(c, at, n->pos, service, services, ARRAY_SIZE(services),
				"no dynamic reference resolves '%s'", service);
		return;
	}
	if (str_eq(service, "secretsmanager")) {
		fault = secret_fault(rest);
		if (!fault && !c->in_properties)
			fault = "a secret is resolved only in a resource's properties";
	} else if (!is_parameter_reference(rest, rest + strlen(rest))) {
		fault = "it takes a parameter's name, and a version if you like: "
			"ssm:/path/name:1";
	} else if (str_eq(service, "ssm-secure") &&
		   (!c->in_properties || factbook_type(str_or(c->type, "")))) {
		fault = "ssm-secure is resolved only in a few password properties, none "
			"of this type; use secretsmanager";
	}
	if (fault)
		check_fail(c, at, n->pos, NULL,
			   "the dynamic reference '%s' is refused: %s", text, fault);
}

/* Every {{resolve:...}} in a text; Fn::Sub's variables count as names. */
static void check_text(const struct checker *c, const struct step *at,
		       const struct node *n)
{
	static const char open[] = "{{resolve:";
	const char *s = n->scalar.text;

	while ((s = strstr(s, open)) != NULL) {
		FP_AUTO(buf_release) struct buf text = BUF_INIT;
		const char *from = s + strlen(open);

		for (s = from; *s && !str_starts(s, "}}"); s++) {
			if (s[0] == '$' && s[1] == '{' && strchr(s, '}')) {
				buf_putc(&text, 'X');
				s = strchr(s, '}');
			} else {
				buf_putc(&text, *s);
			}
		}
		if (!*s) {
			check_fail(c, at, n->pos, NULL,
				   "nothing closes the dynamic reference");
			return;
		}
		check_dynamic(c, at, n, buf_str(&text));
	}
}

struct import {
	const struct checker *c;
	const struct step *at;
};

static void check_import_ref(void *ctx, const struct ref *ref)
{
	const struct import *i = ctx;

	if (ref->name && (ref->kind == REF_NAME || ref->kind == REF_ATTRIBUTE) &&
	    node_get(i->c->resources, ref->name))
		check_fail(i->c, i->at, ref->pos, NULL,
			   "Fn::ImportValue cannot depend on a resource: '%s'",
			   ref->name);
}

static void walk(const struct checker *c, const struct step *at, const struct node *n)
{
	struct call call = { .arg = n };

	if (n->kind == NODE_SCALAR && memchr(n->scalar.text, '{', n->scalar.len))
		check_text(c, at, n);
	if (n->kind == NODE_SCALAR && !n->tag) {
		if (n->scalar.type == SCALAR_NULL)
			check_fail(c, at, n->pos,
				   "leave it out, or give !Ref AWS::NoValue",
				   "CloudFormation takes no null");
		return;
	}
	if (call_of(n, &call) == CALL_FOUND) {
		check_place(c, at, &call);
		check_arguments(c, at, &call);
		if (call.fn == FN_SUB)
			check_sub_lists(c, at, &call);
		if (call.fn == FN_IMPORT_VALUE && call.arg != n) {
			struct import import = { c, at };

			each_ref(call.arg, false, check_import_ref, &import);
		}
	}
	for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->seq.n; i++) {
		struct step here = { at, NULL, i };

		walk(c, &here, n->seq.v[i]);
	}
	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++) {
		const struct node_pair *p = &n->map.v[i];
		struct step here = { at, p->key->scalar.text, 0 };

		if (check_lacks_transform(c) && is_foreach_key(p->key->scalar.text))
			check_fail(c, &here, p->key->pos,
				   "add 'Transform: AWS::LanguageExtensions'",
				   "Fn::ForEach needs a transform");
		walk(c, &here, p->value);
	}
}

void check_functions(const struct checker *c, const struct step *at, const struct node *n)
{
	if (n)
		walk(c, at, n);
}
