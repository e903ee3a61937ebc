#include "wire/shape.h"

#include <math.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

#define TIME "__time"
#define MAP  "__map"
/* Of what a double holds exactly, and far beyond any date. */
#define MAX_SECONDS 1e12

static cJSON *new_time(int64_t ms)
{
	cJSON *j = cJSON_CreateObject();

	json_set_int(j, TIME, ms);
	return j;
}

void shape_set_time(cJSON *object, const char *name, int64_t ms)
{
	json_set(object, name, new_time(ms));
}

void shape_push_time(cJSON *array, int64_t ms)
{
	cJSON_AddItemToArray(array, new_time(ms));
}

bool shape_is_time(const cJSON *j, int64_t *ms)
{
	const cJSON *first = cJSON_IsObject(j) ? j->child : NULL;

	if (!first || !str_eq(first->string, TIME))
		return false;
	*ms = (int64_t)first->valuedouble;
	return true;
}

bool shape_read_time(const cJSON *j, int64_t *ms)
{
	double seconds = j && cJSON_IsNumber(j) ? j->valuedouble : NAN;
	const char *text = cJSON_GetStringValue(j);
	char *end;

	if (text && time_parse(text, ms))
		return true;
	if (text && *text) {
		seconds = strtod(text, &end);
		if (*end)
			return false;
	}
	if (!(fabs(seconds) < MAX_SECONDS))
		return false;
	*ms = (int64_t)llround(seconds * 1000);
	return true;
}

void shape_to_json(cJSON *j)
{
	int64_t ms;

	cJSON_DeleteItemFromObjectCaseSensitive(j, MAP);
	json_each (item, j) {
		if (shape_is_time(item, &ms)) {
			cJSON_Delete(item->child);
			item->child = NULL;
			item->type = cJSON_Number;
			cJSON_SetNumberHelper(item, (double)ms / 1000);
		} else if (item->child) {
			shape_to_json(item);
		}
	}
}
