#include "base/clock.h"

static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* The years 1000 to 9999: what the texts have room for. */
#define MS_MIN (-30610224000000)
#define MS_MAX 253402300799999

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void clock_sleep_ms(int64_t ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	if (ms > 0)
		(void)nanosleep(&t, NULL);
}

/* Returns the milliseconds within the second. */
static unsigned to_civil(struct tm *tm, int64_t ms)
{
	int64_t clamped = FP_MIN(FP_MAX(ms, MS_MIN), MS_MAX);
	unsigned rest = (unsigned)((clamped % 1000 + 1000) % 1000);
	time_t seconds = (time_t)((clamped - rest) / 1000);

	(void)gmtime_r(&seconds, tm);
	return rest % 1000;
}

void time_amz(char out[17], int64_t ms)
{
	struct tm tm;

	to_civil(&tm, ms);
	(void)strftime(out, 17, "%Y%m%dT%H%M%SZ", &tm);
}

void time_iso(char out[25], int64_t ms)
{
	struct tm tm;
	unsigned rest = to_civil(&tm, ms);

	(void)strftime(out, 20, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + 19, 6, ".%03uZ", rest % 1000);
}

void time_http(char out[30], int64_t ms)
{
	struct tm tm;

	to_civil(&tm, ms);
	/* The names are filled in by hand, for strftime's follow the locale. */
	(void)strftime(out, 30, "   , %d     %Y %H:%M:%S GMT", &tm);
	memcpy(out, days[tm.tm_wday], 3);
	memcpy(out + 8, months[tm.tm_mon], 3);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int name_index(const char (*names)[4], size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(names[i], s, 3) == 0)
			return (int)i;
	return -1;
}

/*
 * Match `s` with a pattern where Y, N, D, h, m and s are digits of the field,
 * "www" and "nnn" a day's and a month's name, and all else is itself. Returns
 * what follows, or NULL.
 */
static const char *scan(const char *s, const char *pattern, struct tm *tm)
{
	static const char letters[] = "YNDhms";
	int *const fields[] = { &tm->tm_year, &tm->tm_mon, &tm->tm_mday,
				&tm->tm_hour, &tm->tm_min, &tm->tm_sec };

	*tm = (struct tm){ .tm_mday = 0 };
	for (; *pattern; pattern++, s++) {
		const char *letter = strchr(letters, *pattern);

		if (letter) {
			int *field = fields[letter - letters];

			if (!is_digit(*s))
				return NULL;
			*field = *field * 10 + (*s - '0');
		} else if (*pattern == 'w' || *pattern == 'n') {
			bool day = *pattern == 'w';
			int i = day ? name_index(days, ARRAY_SIZE(days), s)
				    : name_index(months, ARRAY_SIZE(months), s);

			if (i < 0)
				return NULL;
			if (!day)
				tm->tm_mon = i + 1;
			pattern += 2;
			s += 2;
		} else if (*pattern != *s) {
			return NULL;
		}
	}
	return s;
}

/* "2026-01-02T03:04:05", or with 't' or a space as RFC 3339 allows and Python writes. */
static const char *scan_moment(const char *s, struct tm *tm)
{
	const char *end = scan(s, "YYYY-NN-DD", tm);
	struct tm time;

	if (!end || (*end != 'T' && *end != 't' && *end != ' '))
		return NULL;
	end = scan(end + 1, "hh:mm:ss", &time);
	tm->tm_hour = time.tm_hour;
	tm->tm_min = time.tm_min;
	tm->tm_sec = time.tm_sec;
	return end;
}

/* "Z", "UTC", "+01:00", "-0130" or "+01": how far ahead of UTC the text is. */
static const char *scan_zone(const char *s, int64_t *ahead_ms)
{
	struct tm offset;
	const char *end;

	*ahead_ms = 0;
	if (*s == 'Z' || *s == 'z')
		return s + 1;
	if (strncmp(s, "UTC", 3) == 0)
		return s + 3;
	if (*s != '+' && *s != '-')
		return NULL;
	end = scan(s + 1, "hh:mm", &offset);
	if (!end)
		end = scan(s + 1, "hhmm", &offset);
	if (!end)
		end = scan(s + 1, "hh", &offset);
	if (!end || offset.tm_hour > 23 || offset.tm_min > 59)
		return NULL;
	*ahead_ms = (offset.tm_hour * 60 + offset.tm_min) * (*s == '-' ? -60000 : 60000);
	return end;
}

/* ".678" or nothing; what is finer than a millisecond is dropped. */
static const char *scan_fraction(const char *s, int *ms)
{
	int digits = 0;

	*ms = 0;
	if (*s == '.') {
		for (s++; is_digit(*s); s++, digits++)
			if (digits < 3)
				*ms = *ms * 10 + (*s - '0');
		if (!digits)
			return NULL;
	}
	for (; digits && digits < 3; digits++)
		*ms *= 10;
	return s;
}

bool time_parse(const char *s, int64_t *ms)
{
	struct tm tm, back;
	const char *end;
	int64_t ahead_ms = 0;
	int rest = 0;
	time_t t;

	if (!s)
		return false;
	if ((end = scan_moment(s, &tm))) {
		end = scan_fraction(end, &rest);
		end = end ? scan_zone(end, &ahead_ms) : NULL;
	} else if (!(end = scan(s, "YYYYNNDDThhmmssZ", &tm))) {
		end = scan(s, "www, DD nnn YYYY hh:mm:ss GMT", &tm);
	}
	if (!end || *end)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	back = tm;
	t = timegm(&back);
	/* timegm makes 2 March of 30 February. */
	if (back.tm_mon != tm.tm_mon || back.tm_mday != tm.tm_mday ||
	    back.tm_hour != tm.tm_hour || back.tm_min != tm.tm_min ||
	    back.tm_sec != tm.tm_sec)
		return false;
	*ms = (int64_t)t * 1000 + rest - ahead_ms;
	return true;
}
