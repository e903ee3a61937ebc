#include "emulator/service/cloudformation.h"

#include "base/json.h"
#include "cfn/template.h"
#include "yaml/json.h"

static void put_text(cJSON *out, const char *name, const struct node *value)
{
	json_set_str(out, name, node_text(value));
}

static void put_parameters(cJSON *out, const struct node *source, bool summary)
{
	const struct node *section = node_get(source, "Parameters");
	cJSON *list = json_set_array(out, "Parameters");

	for (size_t i = 0; section && i < section->map.n; i++) {
		const struct node *declared = section->map.v[i].value;
		const struct node *allowed = node_get(declared, "AllowedValues");
		cJSON *p = json_push_object(list);
		bool hidden = false;

		(void)node_as_bool(node_get(declared, "NoEcho"), &hidden);
		json_set_str(p, "ParameterKey", section->map.v[i].key->scalar.text);
		put_text(p, "DefaultValue", node_get(declared, "Default"));
		json_set_bool(p, "NoEcho", hidden);
		put_text(p, "Description", node_get(declared, "Description"));
		if (!summary)
			continue;
		put_text(p, "ParameterType", node_get(declared, "Type"));
		(void)json_set_object(p, "ParameterConstraints");
		if (allowed)
			json_set(json_get(p, "ParameterConstraints"), "AllowedValues",
				 node_to_json(allowed));
	}
}

static void put_types(cJSON *out, const struct node *source)
{
	const struct node *resources = node_get(source, "Resources");
	FP_AUTO(strs_release) struct strs types = STRS_INIT;
	cJSON *list = json_set_array(out, "ResourceTypes");

	for (size_t i = 0; resources && i < resources->map.n; i++) {
		const char *type = node_text(node_get(resources->map.v[i].value, "Type"));

		if (type && !strs_has(&types, type))
			strs_add(&types, type);
	}
	for (size_t i = 0; i < types.n; i++)
		json_push_str(list, types.v[i]);
}

static void put_capability(cJSON *out, const struct node *source)
{
	const char *capability = cfn_capability(source);
	const struct node *resources = node_get(source, "Resources");
	FP_AUTO(buf_release) struct buf types = BUF_INIT;

	if (!capability)
		return;
	json_push_str(json_set_array(out, "Capabilities"), capability);
	for (size_t i = 0; resources && i < resources->map.n; i++) {
		const char *type = node_text(node_get(resources->map.v[i].value, "Type"));

		if (type && str_starts(type, "AWS::IAM::") &&
		    !strstr(buf_str(&types), type))
			buf_printf(&types, "%s%s", types.len ? ", " : "", type);
	}
	json_set_fmt(out, "CapabilitiesReason",
		     "The following resource(s) require capabilities: [%s]",
		     buf_str(&types));
}

static void describe(cJSON *out, const struct node *source, bool summary)
{
	cJSON *transforms = engine_transforms(source);

	put_text(out, "Description", node_get(source, "Description"));
	put_parameters(out, source, summary);
	put_capability(out, source);
	if (transforms->child)
		json_set(out, "DeclaredTransforms", transforms);
	else
		cJSON_Delete(transforms);
}

int engine_validate_template(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_template_release) struct engine_template t = { 0 };
	FP_AUTO(freep) char *text = engine_template_text(c, in, NULL);

	if (!text || engine_template_load(&t, c, text) < 0)
		return -1;
	/* A loop's resources are known when its parameters are. */
	if (!node_get(t.source, "Transform") && engine_check_types(c, t.source) < 0)
		return -1;
	describe(out, t.source, false);
	return 0;
}

int engine_get_template_summary(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_template_release) struct engine_template t = { 0 };
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	FP_AUTO(freep) char *text = NULL;
	const char *name = json_str(in, "StackName", NULL);

	if (name) {
		if (engine_stack_get(&s, c, name) < 0)
			return -1;
		text = xstrdup(json_str(s.deployed, "Template", ""));
	} else {
		text = engine_template_text(c, in, NULL);
	}
	if (!text || engine_template_load(&t, c, text) < 0)
		return -1;
	describe(out, t.source, true);
	put_types(out, t.source);
	put_text(out, "Version", node_get(t.source, "AWSTemplateFormatVersion"));
	if (node_get(t.source, "Metadata")) {
		FP_AUTO(json_freep)
		cJSON *metadata = node_to_json(node_get(t.source, "Metadata"));
		FP_AUTO(freep) char *metadata_text = json_text(metadata);

		json_set_str(out, "Metadata", metadata_text);
	}
	return 0;
}

int engine_get_template(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	FP_AUTO(freep) char *text = NULL;
	const char *name = json_str(in, "StackName", "");
	cJSON *stages;

	if (json_str(in, "ChangeSetName", NULL)) {
		text = engine_change_set_template(c, in);
		if (!text)
			return -1;
	} else {
		if (engine_stack_get(&s, c, name) < 0)
			return -1;
		if (!s.deployed)
			return fault_set(&c->fault, 400, "ValidationError",
					 "Stack with id %s does not exist", name);
		text = xstrdup(json_str(s.deployed, "Template", ""));
	}
	json_set_str(out, "TemplateBody", text);
	stages = json_set_array(out, "StagesAvailable");
	json_push_str(stages, "Original");
	/* What a transform would make is not kept. */
	if (!strstr(text, "AWS::LanguageExtensions"))
		json_push_str(stages, "Processed");
	else if (str_eq(json_str(in, "TemplateStage", "Original"), "Processed"))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator does not show processed templates");
	return 0;
}

int engine_describe_limits(struct call *c FP_UNUSED, const cJSON *in FP_UNUSED,
			   cJSON *out)
{
	static const struct {
		const char *name;
		int64_t value;
	} limits[] = { { "StackLimit", 2000 },
		       { "StackOutputsLimit", 200 },
		       { "ConcurrentResourcesLimit", 2500 } };
	cJSON *list = json_set_array(out, "AccountLimits");

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		cJSON *one = json_push_object(list);

		json_set_str(one, "Name", limits[i].name);
		json_set_int(one, "Value", limits[i].value);
	}
	return 0;
}
