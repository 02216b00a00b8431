/* SPDX-License-Identifier: MIT */
/* secret_name: is the value with this name a secret? See secret_name.h. */
#include "base/secret_name.h"

#include <string.h>
#include <strings.h>

enum { IN_HEADER = 1 << SECRET_HEADER, IN_PARAMETER = 1 << SECRET_PARAMETER };
enum { IN_MEMBER = 1 << SECRET_MEMBER, IN_VARIABLE = 1 << SECRET_VARIABLE };
enum { ANYWHERE = IN_HEADER | IN_PARAMETER | IN_MEMBER | IN_VARIABLE };

struct phrase {
	const char *letters; /* its words, lower case, run together */
	unsigned places;
};

/* The last words of a secret's name. */
static const struct phrase secrets[] = {
	{ "key", ANYWHERE },
	{ "token", ANYWHERE },
	{ "secret", ANYWHERE },
	{ "password", ANYWHERE },
	{ "passwd", ANYWHERE },
	{ "auth", ANYWHERE },
	{ "authorization", ANYWHERE },
	{ "credential", ANYWHERE },
	{ "credentials", ANYWHERE },
	{ "assertion", ANYWHERE },
	{ "cookie", ANYWHERE },
	{ "apikey", ANYWHERE },
	{ "jwt", ANYWHERE },
	/* Models sign their reasoning in JSON: that must come back as it was. */
	{ "signature", IN_PARAMETER },
	{ "sig", IN_PARAMETER },
	{ "verifier", IN_PARAMETER }, /* code_verifier of OAuth's PKCE */
};

/* Whole names of members whose value is a secret whatever it is. Run together they are last words too:
 * accesstoken. */
static const char *const members[] = {
	"apikey",    "accesstoken",  "refreshtoken",    "idtoken",    "sessiontoken", "authorizationtoken", "authtoken",
	"clientsecret", "secretaccesskey", "privatekey", "password", "secret",       "authorization",
};

/* A name with these words is one of another kind, if its last word is a secret's. */
static const struct phrase others[] = {
	{ "idempotency", IN_HEADER | IN_PARAMETER | IN_MEMBER },
	{ "cache", IN_HEADER | IN_PARAMETER | IN_MEMBER },
	{ "page", IN_HEADER | IN_PARAMETER | IN_MEMBER },
	{ "pagination", IN_HEADER | IN_PARAMETER | IN_MEMBER },
	{ "cursor", IN_HEADER | IN_PARAMETER | IN_MEMBER },
	{ "continuation", IN_HEADER | IN_PARAMETER | IN_MEMBER },
	{ "sync", IN_HEADER | IN_PARAMETER | IN_MEMBER },
	{ "ratelimit", IN_HEADER | IN_PARAMETER | IN_MEMBER },
	{ "websocket", IN_HEADER | IN_PARAMETER | IN_MEMBER },
	{ "timepertoken", IN_HEADER | IN_PARAMETER | IN_MEMBER },
	{ "surrogatekey", IN_HEADER }, /* Fastly's names for what is in its cache */
	{ "next", IN_MEMBER },
};

/* The last words of members that a provider wants back as they were. */
static const char *const opaque[] = { "signature", "encryptedcontent" };

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---- words */

/* Of longer names the end decides. */
enum { LETTERS = 200, WORDS = 64 };

struct words {
	char letters[LETTERS]; /* lower case, run together */
	size_t n;
	size_t starts[WORDS]; /* the last WORDS words begin there */
	size_t count;
};

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return is_lower(c) || is_upper(c) || (unsigned char)c >= 0x80;
}

static int hex(char c)
{
	return is_digit(c) ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* The end of a name, without percent-encoding. */
static size_t decode(struct span name, char *to)
{
	size_t n = 0;

	if (name.n > LETTERS)
		name = (struct span){ name.p + name.n - LETTERS, LETTERS };
	for (size_t i = 0; i < name.n; i++) {
		bool encoded = name.p[i] == '%' && i + 2 < name.n && hex(name.p[i + 1]) >= 0 && hex(name.p[i + 2]) >= 0;

		to[n++] = encoded ? (char)(hex(name.p[i + 1]) << 4 | hex(name.p[i + 2])) : name.p[i];
		i += encoded ? 2 : 0;
	}
	return n;
}

/* Does a word begin at s[i], which is a letter or a digit? */
static bool begins(const char *s, size_t n, size_t i)
{
	if (i == 0 || (!is_letter(s[i - 1]) && !is_digit(s[i - 1])))
		return true;
	if (!is_upper(s[i]))
		return false;
	return !is_upper(s[i - 1]) || (i + 1 < n && is_lower(s[i + 1])); /* apiKey, APIKey */
}

/* The length of the index in token[0], which is not a word; 0 if there is none at s[from]. */
static size_t index_length(const char *s, size_t n, size_t from)
{
	size_t i = from;

	while (i < n && is_digit(s[i]))
		i++;
	return from > 0 && s[from - 1] == '[' && i < n && s[i] == ']' ? i - from : 0;
}

static void split(struct words *w, struct span name)
{
	char s[LETTERS];
	size_t n = decode(name, s);

	w->n = w->count = 0;
	for (size_t i = 0; i < n; i++) {
		i += index_length(s, n, i);
		if (!is_letter(s[i]) && !is_digit(s[i]))
			continue;
		if (begins(s, n, i)) {
			if (w->count == WORDS)
				memmove(w->starts, w->starts + 1, --w->count * sizeof *w->starts);
			w->starts[w->count++] = w->n;
		}
		w->letters[w->n++] = is_upper(s[i]) ? (char)(s[i] | 0x20) : s[i];
	}
}

static bool same(const struct words *w, size_t from, size_t to, const char *letters)
{
	return strlen(letters) == to - from && !memcmp(w->letters + from, letters, to - from);
}

/* Whole words at the end. */
static bool ends_in(const struct words *w, const char *letters)
{
	for (size_t i = 0; i < w->count; i++)
		if (same(w, w->starts[i], w->n, letters))
			return true;
	return false;
}

/* Whole words anywhere. */
static bool contains(const struct words *w, const char *letters)
{
	for (size_t i = 0; i < w->count; i++)
		for (size_t k = i + 1; k <= w->count; k++)
			if (same(w, w->starts[i], k < w->count ? w->starts[k] : w->n, letters))
				return true;
	return false;
}

/* ---- names */

/* Variables are written in one case: PGPASSWORD. A short word may end another there: MONKEY. */
static bool ends_run_together(const struct words *w, const char *letters)
{
	size_t n = strlen(letters);

	return n >= 5 && w->n > n && !memcmp(w->letters + w->n - n, letters, n);
}

static bool is_secret(enum secret_place place, const struct words *w)
{
	for (size_t i = 0; i < COUNT(secrets); i++)
		if ((secrets[i].places & 1u << place) &&
		    (ends_in(w, secrets[i].letters) ||
		     (place == SECRET_VARIABLE && ends_run_together(w, secrets[i].letters))))
			return true;
	for (size_t i = 0; i < COUNT(members); i++)
		if (ends_in(w, members[i]))
			return true;
	return false;
}

static bool is_member(const struct words *w)
{
	for (size_t i = 0; i < COUNT(members); i++)
		if (same(w, 0, w->n, members[i]))
			return true;
	return false;
}

static bool is_other(enum secret_place place, const struct words *w)
{
	for (size_t i = 0; i < COUNT(others); i++)
		if ((others[i].places & 1u << place) && contains(w, others[i].letters))
			return true;
	return false;
}

static bool is_opaque(const struct words *w)
{
	for (size_t i = 0; i < COUNT(opaque); i++)
		if (ends_in(w, opaque[i]))
			return true;
	return false;
}

static enum secret_kind member(const struct words *w)
{
	if (is_other(SECRET_MEMBER, w) || is_opaque(w))
		return SECRET_NEVER;
	if (!is_secret(SECRET_MEMBER, w))
		return SECRET_NO;
	return is_member(w) ? SECRET_YES : SECRET_MAYBE;
}

enum secret_kind secret_name(enum secret_place place, struct span name)
{
	struct words w;

	split(&w, name);
	if (place == SECRET_MEMBER)
		return member(&w);
	return is_secret(place, &w) && !is_other(place, &w) ? SECRET_YES : SECRET_NO;
}

/* ---- values */

bool secret_is_number(struct span v)
{
	size_t digits = 0, points = 0, i = v.n && (*v.p == '-' || *v.p == '+');

	for (; i < v.n && (is_digit(v.p[i]) || v.p[i] == '.'); i++)
		*(is_digit(v.p[i]) ? &digits : &points) += 1;
	return i == v.n && digits > 0 && points <= 1;
}

/* Letters and digits of ASCII, and whether all bytes are printable and none is white space. */
struct census {
	size_t letters, digits, dots, slashes;
	bool printable;
};

static struct census census(struct span v)
{
	struct census c = { .printable = true };

	for (size_t i = 0; i < v.n; i++) {
		c.letters += is_lower(v.p[i]) || is_upper(v.p[i]);
		c.digits += is_digit(v.p[i]);
		c.dots += v.p[i] == '.';
		c.slashes += v.p[i] == '/';
		c.printable &= v.p[i] > ' ' && v.p[i] < 0x7f;
	}
	return c;
}

static bool has_prefix(struct span v)
{
	static const struct {
		const char *text;
		size_t least; /* bytes: "sk-SK" is a language */
	} prefixes[] = { { "sk-", 6 },    { "ghp_", 6 }, { "AIza", 6 }, { "ek_", 6 },
		         { "ya29.", 20 }, { "hvs.", 20 }, { "SG.", 20 } };

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (v.n >= prefixes[i].least && span_starts(v, prefixes[i].text))
			return census(v).printable;
	return v.n > 7 && !strncasecmp(v.p, "Bearer ", 7);
}

/* Three parts in base64url, five if it is encrypted; the first is an object: eyJ is {". */
static bool is_jwt(struct span v)
{
	size_t dots = 0;

	if (!span_starts(v, "eyJ"))
		return false;
	for (size_t i = 0; i < v.n; i++) {
		dots += v.p[i] == '.';
		if (!is_lower(v.p[i]) && !is_upper(v.p[i]) && !is_digit(v.p[i]) && !memchr("-_=.", v.p[i], 4))
			return false;
	}
	return dots == 2 || dots == 4;
}

bool secret_is_credential(struct span v)
{
	struct census c;

	if (has_prefix(v) || is_jwt(v))
		return true;
	c = census(v);
	return v.n >= 20 && c.printable && c.letters > 0 && c.digits > 0 && c.dots + c.slashes == 0;
}

bool secret_is_ephemeral(struct span v)
{
	return span_starts(v, "ek_") && has_prefix(v);
}

bool secret_is_distinct(struct span v)
{
	struct census c = census(v);

	return v.n >= 16 || (v.n >= 8 && c.letters > 0 && c.digits > 0);
}

bool secret_is_distinct_cookie(struct span v)
{
	return v.n >= 20 && census(v).digits > 0;
}
