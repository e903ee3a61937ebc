#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"
#include "wire/sigv4_canonical.h"

/* A process signs for few services and regions; each day has its own key. */
#define CACHED 32

static struct {
	pthread_mutex_t lock;
	struct cached {
		char *from; /* the secret access key; NULL: free */
		struct sigv4_key key;
	} v[CACHED];
	size_t next; /* the one to replace */
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void forget(struct cached *c)
{
	str_wipe(&c->from);
	mem_wipe(c, sizeof(*c));
}

void sigv4_forget_keys(void)
{
	(void)pthread_mutex_lock(&cache.lock);
	for (size_t i = 0; i < CACHED; i++)
		forget(&cache.v[i]);
	(void)pthread_mutex_unlock(&cache.lock);
}

void sigv4_key_wipe(struct sigv4_key *k)
{
	mem_wipe(k, sizeof(*k));
}

void sigv4_seed_wipe(struct sigv4_seed *seed)
{
	mem_wipe(seed, sizeof(*seed));
}

static bool is_key_of(const struct cached *c, const struct sigv4_key *k,
		      const char *secret)
{
	return c->from && str_eq(c->key.scope, k->scope) &&
	       strlen(c->from) == strlen(secret) &&
	       mem_eq_secret(c->from, secret, strlen(secret));
}

static bool find(struct sigv4_key *k, const char *secret)
{
	bool found = false;

	(void)pthread_mutex_lock(&cache.lock);
	for (size_t i = 0; i < CACHED && !found; i++) {
		found = is_key_of(&cache.v[i], k, secret);
		if (found)
			memcpy(k->secret, cache.v[i].key.secret, sizeof(k->secret));
	}
	(void)pthread_mutex_unlock(&cache.lock);
	return found;
}

static void keep(const struct sigv4_key *k, const char *secret)
{
	struct cached *c;

	(void)pthread_mutex_lock(&cache.lock);
	c = &cache.v[cache.next++ % CACHED];
	forget(c);
	c->from = xstrdup(secret);
	c->key = *k;
	(void)pthread_mutex_unlock(&cache.lock);
}

static void hmac_text(uint8_t key[SHA256_LEN], const char *text)
{
	uint8_t next[SHA256_LEN];

	hmac_sha256(next, key, SHA256_LEN, text, strlen(text));
	memcpy(key, next, SHA256_LEN);
	mem_wipe(next, sizeof(next));
}

static void derive(struct sigv4_key *k, const char *secret, const char *region,
		   const char *service)
{
	FP_AUTO(buf_wipe) struct buf first = BUF_INIT;

	buf_reserve(&first, strlen("AWS4") + strlen(secret)); /* growing leaves copies */
	buf_puts(&first, "AWS4");
	buf_puts(&first, secret);
	hmac_sha256(k->secret, first.data, first.len, k->amz_date, 8);
	hmac_text(k->secret, region);
	hmac_text(k->secret, service);
	hmac_text(k->secret, "aws4_request");
}

void sigv4_key_make(struct sigv4_key *k, const char *secret, const char *region,
		    const char *service, int64_t time_ms)
{
	*k = (struct sigv4_key){ 0 };
	time_amz(k->amz_date, time_ms);
	(void)snprintf(k->scope, sizeof(k->scope), "%.8s/%.64s/%.64s/aws4_request",
		       k->amz_date, region, service);
	if (find(k, secret))
		return;
	derive(k, secret, region, service);
	keep(k, secret);
}

void sigv4_signature(char out[65], const struct sigv4_key *k, const char *text, size_t n)
{
	uint8_t mac[SHA256_LEN];

	hmac_sha256(mac, k->secret, sizeof(k->secret), text, n);
	hex_encode(out, mac, sizeof(mac));
}

/* Algorithm, time, scope and the signature before: what every part begins with. */
static void preamble(struct buf *out, const char *kind, const struct sigv4_key *k,
		     const char *previous)
{
	buf_printf(out, SIGV4_ALGORITHM "-%s\n%s\n%s\n%s\n", kind, k->amz_date, k->scope,
		   previous);
}

void sigv4_chunk_signature(char out[65], const struct sigv4_key *k, const char *previous,
			   const char *digest)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	preamble(&text, "PAYLOAD", k, previous);
	buf_printf(&text, SHA256_EMPTY_HEX "\n%s", digest);
	sigv4_signature(out, k, text.data, text.len);
}

void sigv4_trailer_signature(char out[65], const struct sigv4_key *k,
			     const char *previous, const char *text)
{
	FP_AUTO(buf_release) struct buf to_sign = BUF_INIT;
	char digest[SHA256_HEX_LEN];

	sha256_hex(digest, text, strlen(text));
	preamble(&to_sign, "TRAILER", k, previous);
	buf_puts(&to_sign, digest);
	sigv4_signature(out, k, to_sign.data, to_sign.len);
}
