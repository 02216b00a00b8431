/* SPDX-License-Identifier: MIT */
/*
 * Secrets: base/secret_name, base/secret_value, base/redact, cassette/redact_body and cassette/blank. Each entry of each
 * of their tables has a row here.
 */
#include "test.h"

#include "base/redact.h"
#include "base/secret_name.h"
#include "base/secret_value.h"
#include "cassette/blank.h"
#include "cassette/record.h"
#include "cassette/redact_body.h"
#include "json/path.h"

/* ---- names */

enum { H = 1 << SECRET_HEADER, P = 1 << SECRET_PARAMETER, M = 1 << SECRET_MEMBER, V = 1 << SECRET_VARIABLE };
enum { ALL = H | P | M | V };

/* Where a name is one of a secret: of a member, if its value is like one. */
static void names_by_their_last_word(void **state)
{
	static const struct {
		const char *name;
		unsigned places;
	} rows[] = {
		/* each word */
		{ "x-key", ALL },
		{ "x-token", ALL },
		{ "x-secret", ALL },
		{ "x-password", ALL },
		{ "x-passwd", ALL },
		{ "x-auth", ALL },
		{ "x-authorization", ALL },
		{ "x-credential", ALL },
		{ "x-credentials", ALL },
		{ "x-assertion", ALL },
		{ "x-cookie", ALL },
		{ "x-apikey", ALL },
		{ "x-jwt", ALL },
		{ "x-signature", P },
		{ "x-sig", P },
		{ "code_verifier", P },
		/* each member, run together */
		{ "accesstoken", ALL },
		{ "refreshtoken", ALL },
		{ "idtoken", ALL },
		{ "sessiontoken", ALL },
		{ "authorizationtoken", ALL },
		{ "authtoken", ALL },
		{ "clientsecret", ALL },
		{ "secretaccesskey", ALL },
		{ "privatekey", ALL },
		/* each spelling */
		{ "key", ALL },
		{ "KEY", ALL },
		{ "api_key", ALL },
		{ "apiKey", ALL },
		{ "APIKey", ALL },
		{ "XApiKEY", ALL },
		{ "Api-Key", ALL },
		{ "api.key", ALL },
		{ "api key", ALL },
		{ "api+key", ALL },
		{ "api%5Fkey", ALL },
		{ "api%5fkey", ALL },
		{ "auth[token]", ALL },
		{ "auth%5Btoken%5D", ALL },
		{ "token[]", ALL },
		{ "token[10]", ALL },
		{ "_token_", ALL },
		{ "oauth2Token", ALL },
		{ "é_token", ALL },
		/* of others */
		{ "", 0 },
		{ "-", 0 },
		{ "monkey", 0 },
		{ "keyboard", 0 },
		{ "tokens", 0 },
		{ "max_tokens", 0 },
		{ "token_type", 0 },
		{ "key2", 0 },
		{ "token-2", 0 },
		{ "authorization2", 0 },
		{ "oauth2", 0 },
		{ "author", 0 },
		{ "x-api-key-id", 0 },
		{ "x-ratelimit-limit-tokens", 0 },
		{ "content-type", 0 },
		{ "tokené", 0 },
		/* each word of others; a tool does not inherit even those */
		{ "Idempotency-Key", V },
		{ "x-cache-key", V },
		{ "prompt_cache_key", V },
		{ "page_token", V },
		{ "nextPageToken", V },
		{ "_pagination_key", V },
		{ "cursorToken", V },
		{ "x-ms-continuation-token", V },
		{ "sync_token", V },
		{ "x-ratelimit-token", V },
		{ "x-rate-limit-key", V },
		{ "Sec-WebSocket-Key", V },
		{ "x-websocket-key", V },
		{ "openai-time-per-token", V },
		{ "Surrogate-Key", P | M | V },
		{ "next_token", H | P | V },
		{ "async_token", ALL },
		{ "pages_token", ALL },
		/* variables in one case */
		{ "PGPASSWORD", V },
		{ "MYSECRET", V },
		{ "GITHUB_TOKEN", ALL },
		{ "AWS_SECRET_ACCESS_KEY", ALL },
		{ "AWS_ACCESS_KEY_ID", 0 },
		{ "MONKEY", 0 },
		{ "SSH_AUTH_SOCK", 0 },
		{ "XAUTHORITY", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		for (unsigned place = 0; place < 4; place++) {
			enum secret_kind kind = secret_name((enum secret_place)place, span_of(rows[i].name));

			if ((kind == SECRET_MAYBE || kind == SECRET_YES) != !!(rows[i].places & 1u << place))
				fail_msg("name '%s', place %u: %d", rows[i].name, place, (int)kind);
		}
}

/* The closed list, in each spelling of its words; a longer name is not on it. */
static void members_that_always_are(void **state)
{
	static const char *const rows[][4] = {
		{ "api_key", "apiKey", "API-KEY", "apikey" },
		{ "access_token", "accessToken", "Access-Token", "accesstoken" },
		{ "refresh_token", "refreshToken", "Refresh-Token", "refreshtoken" },
		{ "id_token", "idToken", "ID_TOKEN", "idtoken" },
		{ "session_token", "sessionToken", "Session-Token", "sessiontoken" },
		{ "authorization_token", "authorizationToken", "Authorization-Token", "authorizationtoken" },
		{ "auth_token", "authToken", "AUTH_TOKEN", "authtoken" },
		{ "client_secret", "clientSecret", "Client-Secret", "clientsecret" },
		{ "secret_access_key", "SecretAccessKey", "secretAccessKey", "secretaccesskey" },
		{ "private_key", "privateKey", "Private-Key", "privatekey" },
		{ "password", "Password", "PASSWORD", "_password" },
		{ "secret", "Secret", "SECRET", "secret_" },
		{ "authorization", "Authorization", "AUTHORIZATION", "authorization" },
	};
	static const char *const maybe[] = { "openai_api_key", "token", "key", "my_secret", "passwd", "cookie" };
	static const char *const never[] = { "signature", "thoughtSignature", "thought_signature", "encrypted_content",
		                             "encryptedContent", "cache_key", "next_token", "sync_token" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		for (size_t k = 0; k < 4; k++)
			EXPECT(rows[i][k], secret_name(SECRET_MEMBER, span_of(rows[i][k])) == SECRET_YES);
	for (size_t i = 0; i < ROWS(maybe); i++)
		EXPECT(maybe[i], secret_name(SECRET_MEMBER, span_of(maybe[i])) == SECRET_MAYBE);
	for (size_t i = 0; i < ROWS(never); i++)
		EXPECT(never[i], secret_name(SECRET_MEMBER, span_of(never[i])) == SECRET_NEVER);
	EXPECT("content", secret_name(SECRET_MEMBER, SPAN("content")) == SECRET_NO);
}

/* However long it is, the end of a name decides. */
static void long_names(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 500; i++)
		buf_adds(&b, "a_b%5f");
	assert_int_equal(secret_name(SECRET_HEADER, buf_span(&b)), SECRET_NO);
	buf_adds(&b, "api_key");
	assert_int_equal(secret_name(SECRET_HEADER, buf_span(&b)), SECRET_YES);
	buf_release(&b);
}

static void values_that_are_credentials(void **state)
{
	static const struct {
		const char *value;
		bool number, credential, distinct, cookie;
	} rows[] = {
		{ "", false, false, false, false },
		{ "0", true, false, false, false },
		{ "-12.5", true, false, false, false },
		{ "+3", true, false, false, false },
		{ "12345678901234567890", true, false, true, true },
		{ "1.2.3", false, false, false, false },
		{ ".", false, false, false, false },
		{ "-", false, false, false, false },
		{ "ollama", false, false, false, false },
		{ "sk-abc", false, true, false, false },
		{ "sk-SK", false, false, false, false },
		{ "sk-abc def", false, false, true /* 10 bytes, but no digit */ && false, false },
		{ "ghp_ab", false, true, false, false },
		{ "AIzaSy", false, true, false, false },
		{ "ek_abc", false, true, false, false },
		{ "ya29.a0AfH6SMBx-Abc", false, false, true, false },
		{ "ya29.a0AfH6SMBx-Abcd", false, true, true, true },
		{ "hvs.CAESIJzk0a1b2c3d", false, true, true, true },
		{ "SG.abc_def.ghi-jkl01", false, true, true, true },
		{ "Bearer x", false, true, false, false },
		{ "bearer x", false, true, false, false },
		{ "Bearer ", false, false, false, false },
		{ "Bearer", false, false, false, false },
		{ "abcdefghij123456789", false, false, true, false },
		{ "abcdefghij1234567890", false, true, true, true },
		{ "abcdefghijklmnopqrst", false, false, true, false },
		{ "abcdefghij 123456789", false, false, true, true },
		{ "abcdefghij/123456789", false, false, true, true },
		{ "abcdefghij.123456789", false, false, true, true },
		{ "abcdefghij1234567é", false, false, true, false },
		{ "eyJh.eyJz.c2ln", false, true, true, false },
		{ "eyJh.eyJz", false, false, false, false },
		{ "eyJh.a.b.c.d", false, true, false, false },
		{ "eyJh.a.b.c!d", false, false, false, false },
		{ "eyXh.eyJz.c2ln", false, false, true, false },
		{ "abcdef12", false, false, true, false },
		{ "abcdef1", false, false, false, false },
		{ "abcdefgh", false, false, false, false },
		{ "12345678", true, false, false, false },
		{ "abcdefghijklmnop", false, false, true, false },
		{ "abcdefghijklmno", false, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct span v = span_of(rows[i].value);

		EXPECT(rows[i].value, secret_is_number(v) == rows[i].number);
		EXPECT(rows[i].value, secret_is_credential(v) == rows[i].credential);
		EXPECT(rows[i].value, secret_is_distinct(v) == rows[i].distinct);
		EXPECT(rows[i].value, secret_is_distinct_cookie(v) == rows[i].cookie);
	}
	assert_true(secret_is_ephemeral(SPAN("ek_abc123")));
	assert_false(secret_is_ephemeral(SPAN("ek_a b123")));
	assert_false(secret_is_ephemeral(SPAN("ek_")));
	assert_false(secret_is_ephemeral(SPAN("sk-abc123")));
	assert_false(secret_is_credential((struct span){ "eyJh.e\0z.c2ln", 13 }));
}

/* ---- values */

static void expect_redacted(const char *row, const struct redact *r, struct span text, const char *want)
{
	struct buf b = BUF_INIT;

	redact_text(r, &b, text);
	expect_bytes(row, buf_span(&b), span_of(want));
	buf_release(&b);
}

static void values_are_found_in_every_spelling(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "x a/b\"c+d y", "x REDACTED y" },
		{ "a/b\"c+", "a/b\"c+" },
		{ "a/b\"c+da/b\"c+d", "REDACTEDREDACTED" },
		{ "aa/b\"c+d", "aREDACTED" },
		/* JSON */
		{ "x a/b\\\"c+d y", "x REDACTED y" },
		{ "x a\\/b\\\"c+d y", "x REDACTED y" },
		{ "x \\u0061\\u002Fb\\u0022c\\u002bd y", "x REDACTED y" },
		{ "\\\"a\\\\\\/b\\\\\\\"c\\\\u002bd\\\"", "\\\"REDACTED\\\"" },
		{ "\\u0061\\u002", "\\u0061\\u002" },
		{ "\\u0062/b\"c+d", "\\u0062/b\"c+d" },
		{ "\\\\\\\\\\\\\\\\u0061/b\"c+d", "\\\\\\\\\\\\\\\\u0061/b\"c+d" },
		{ "c:\\a/b\"c+d", "c:\\REDACTED" },
		/* percent-encoding */
		{ "x a%2Fb%22c%2Bd y", "x REDACTED y" },
		{ "x a%2fb%22c%2bd y", "x REDACTED y" },
		{ "x %61/b\"c%2bd y", "x REDACTED y" },
		{ "x a%252Fb%2522c%252Bd y", "x REDACTED y" },
		{ "a%2", "a%2" },
		/* HTML */
		{ "a&#47;b&quot;c&#x2b;d", "REDACTED" },
		{ "a&#X2F;b&#34;c+d", "REDACTED" },
		{ "a&#47b\"c+d", "a&#47b\"c+d" },
		/* base64 of a/b"c+d alone, and after one, two and three bytes, in both alphabets */
		{ "YS9iImMrZA==", "REDACTED" },
		{ "YS9iImMrZA%3D%3D", "REDACTED%3D%3D" },
		{ "=eGEvYiJjK2Q=", "=eGREDACTED" },
		{ "eHhhL2IiYytkeA==", "eHhREDACTEDeA==" },
		{ "eHh4YS9iImMrZHg=", "eHh4REDACTEDg=" },
		/* hexadecimal */
		{ "612f6222632b64", "REDACTED" },
		{ "612F6222632B64", "REDACTED" },
	};
	struct redact r = REDACT_INIT;

	(void)state;
	assert_true(secret_values_add(&r.values, SPAN("a/b\"c+d")));
	assert_false(secret_values_add(&r.values, SPAN("abc")));
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_redacted(rows[i].text, &r, span_of(rows[i].text), rows[i].want);
	redact_release(&r);
}

static void values_with_odd_characters(void **state)
{
	static const struct {
		const char *value, *text, *want;
	} rows[] = {
		{ "pass word", "x pass+word x pass%20word pass word", "x REDACTED x REDACTED REDACTED" },
		{ "back\\slash", "back\\slash back\\\\slash back\\\\\\\\slash", "REDACTED REDACTED REDACTED" },
		{ "a\\\\bcd", "a\\\\bcd a\\\\\\\\bcd a\\bcd", "REDACTED REDACTED a\\bcd" },
		{ "q\\\"uote", "q\\\\\\\"uote", "REDACTED" },
		{ "100%&more", "100%&more 100%25%26more 100%25&amp;more", "REDACTED REDACTED REDACTED" },
		{ "<tag>'s", "&lt;tag&gt;&apos;s", "REDACTED" },
		{ "sch\xc3\xb6n-123", "sch\\u00f6n-123 sch%C3%B6n-123 sch&#246;n-123", "REDACTED REDACTED REDACTED" },
		{ "\xf0\x9f\x98\x80-smile", "\\ud83d\\ude00-smile \\\\ud83d\\\\ude00-smile", "REDACTED REDACTED" },
		{ "\xf0\x9f\x98\x80-smile", "\\ud83d-smile \\ude00-smile", "\\ud83d-smile \\ude00-smile" },
		{ "nine-abc", "\\nine-abc \\\\nine-abc nine-abc", "REDACTED \\\\REDACTED REDACTED" },
		{ "100%25xyz", "100%25xyz 100%2525xyz", "REDACTED REDACTED" },
		{ "tab\there", "tab\\there tab%09here", "REDACTED REDACTED" },
		{ "?>~?>~?>", "Pz5+Pz5+Pz4= Pz5-Pz5-Pz4 Pz5\\u002bPz5%2BPz4=", "REDACTED REDACTED REDACTED" },
		{ ">~?>~?>~?", "Pn4/Pn4/Pn4/ Pn4_Pn4_Pn4_ Pn4\\/Pn4\\u002FPn4%2F", "REDACTED REDACTED REDACTED" },
		{ "abcdef", "YWJjZGVm 616263646566", "YWJjZGVm 616263646566" },
		{ "aaaab", "aaaaab aaaaaab", "aREDACTED aaREDACTED" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct redact r = REDACT_INIT;

		secret_values_add(&r.values, span_of(rows[i].value));
		expect_redacted(rows[i].value, &r, span_of(rows[i].text), rows[i].want);
		redact_release(&r);
	}
}

/* Of several that begin at one byte the longest, whoever taught it; those that overlap once. */
static void values_overlap(void **state)
{
	struct redact_rules rules = { 0 };
	struct redact r = { .rules = &rules };

	(void)state;
	secret_values_add(&r.values, SPAN("sk-aaaab-12"));
	secret_values_add(&r.values, SPAN("b-12-tail"));
	secret_values_add(&rules.values, SPAN("sk-aaaab-123"));
	secret_values_add(&rules.values, SPAN("head-sk-aa"));
	expect_redacted("longest", &r, SPAN("aab sk-aaaab-12 sk-aaaab-1 sk-aaaab-123x sk-sk-aaaab-12"),
	                "aab REDACTED sk-aaaab-1 REDACTEDx sk-REDACTED");
	expect_redacted("overlap", &r, SPAN("head-sk-aaaab-12-tail"), "REDACTEDaaREDACTED");
	redact_release(&r);
	secret_values_release(&rules.values);
}

/* ---- what is learned from a request */

static void credentials_are_learned_from_headers(void **state)
{
	static const struct {
		const char *name, *value, *text, *want;
	} rows[] = {
		{ "Authorization", "Bearer abcdef-123456", "abcdef-123456!", "REDACTED!" },
		{ "authorization", "bearer  abcdef-123456 ", "abcdef-123456!", "REDACTED!" },
		{ "Authorization", "Token abcdef-123456", "abcdef-123456!", "REDACTED!" },
		{ "Authorization", "Token token=\"abcdef-123456\", x=\"ghijkl-123456\"", "abcdef-123456 ghijkl-123456",
		  "REDACTED ghijkl-123456" },
		{ "Authorization", "Key abcdef-123456", "abcdef-123456!", "REDACTED!" },
		{ "Authorization", "Key some-id:abcdef-123456", "abcdef-123456!", "REDACTED!" },
		{ "Authorization", "Api-Key abcdef-123456", "abcdef-123456!", "REDACTED!" },
		{ "Authorization", "abcdef-123456", "abcdef-123456!", "REDACTED!" },
		{ "Authorization", "Basic dXNlcjphYmNkZWYtMTIzNDU2", "user abcdef-123456", "user REDACTED" },
		{ "Authorization", "Basic dXNlcjphYmNkZWYtMTIzNDU2", "dXNlcjphYmNkZWYtMTIzNDU2", "REDACTED" },
		{ "Authorization", "basic YWJjZGVmLTEyMzQ1Njo=", "abcdef-123456", "REDACTED" },
		{ "X-Vault-Token", "abcdef-123456", "abcdef-123456!", "REDACTED!" },
		{ "Private-Token", "abcdef-123456", "abcdef-123456!", "REDACTED!" },
		{ "Cookie", "a=abcdefghijklmnopqrs1; b=short1; c=\"ghijklghijklghijkl22\"",
		  "a abcdefghijklmnopqrs1 short1 ghijklghijklghijkl22", "a REDACTED short1 REDACTED" },
		{ "Cookie", "a=abcdefghijklmnopqrst", "abcdefghijklmnopqrst", "abcdefghijklmnopqrst" },
		{ "Set-Cookie", "a=abcdefghijklmnopqrs1; Path=/; Expires=Thu-01-Jan-1970-00-00-00-GMT",
		  "abcdefghijklmnopqrs1 Thu-01-Jan-1970-00-00-00-GMT", "REDACTED Thu-01-Jan-1970-00-00-00-GMT" },
		/* words, numbers, other names */
		{ "Authorization", "Bearer ollama", "run ollama serve", "run ollama serve" },
		{ "Authorization", "none", "none", "none" },
		{ "Authorization", "Bearer abcdefghijklmnopq", "abcdefghijklmnopq", "REDACTED" },
		{ "X-Api-Key", "12345678901234567890", "12345678901234567890", "12345678901234567890" },
		{ "Authorization", "REDACTED", "REDACTED", "REDACTED" },
		{ "Idempotency-Key", "abcdef-123456", "abcdef-123456", "abcdef-123456" },
		{ "X-Request-Id", "abcdef-123456", "abcdef-123456", "abcdef-123456" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct redact r = REDACT_INIT;

		redact_learn_header(&r, span_of(rows[i].name), span_of(rows[i].value));
		expect_redacted(rows[i].value, &r, span_of(rows[i].text), rows[i].want);
		redact_release(&r);
	}
}

static void credentials_are_learned_from_responses(void **state)
{
	struct redact r = REDACT_INIT;

	(void)state;
	redact_learn_response_header(&r, SPAN("X-Subject-Token"), SPAN("abcdef-123456"));
	redact_learn_response_header(&r, SPAN("X-Object-Key"), SPAN("model-1234567"));
	expect_redacted("response", &r, SPAN("abcdef-123456 model-1234567"), "REDACTED model-1234567");
	redact_release(&r);
}

static void credentials_are_learned_from_urls(void **state)
{
	static const struct {
		const char *url, *text, *want;
	} rows[] = {
		{ "https://a/?key=abcdef-123456&q=ghijkl-123456", "abcdef-123456 ghijkl-123456", "REDACTED ghijkl-123456" },
		{ "https://a/?api%5Fkey=ab%2Fdef%2d123456", "ab/def-123456 ab%2Fdef-123456", "REDACTED REDACTED" },
		{ "/?key=abc+ef-123456", "abc ef-123456 abc+ef-123456 abc%2Bef-123456", "REDACTED REDACTED REDACTED" },
		{ "/#access_token=abcdef-123456", "abcdef-123456", "REDACTED" },
		{ "/?a=1#token=abcdef-123456", "abcdef-123456", "abcdef-123456" },
		{ "https://user:abcdef-123456@a/", "user abcdef-123456", "user REDACTED" },
		{ "https://abcdef-123456@a/", "abcdef-123456", "REDACTED" },
		{ "https://a/b@c?token=x", "x", "x" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct redact r = REDACT_INIT;

		redact_learn_url(&r, span_of(rows[i].url));
		expect_redacted(rows[i].url, &r, span_of(rows[i].text), rows[i].want);
		redact_release(&r);
	}
}

/* ---- URLs, forms and headers */

static void urls_lose_their_secrets(void **state)
{
	static const struct {
		const char *url, *want;
		size_t count;
	} rows[] = {
		{ "https://api.example.com/v1?alt=sse", "https://api.example.com/v1?alt=sse", 0 },
		{ "https://api.example.com/v1?key=abc&alt=sse#top", "https://api.example.com/v1?key=REDACTED&alt=sse#top", 1 },
		{ "https://a/cb#access_token=x&state=y", "https://a/cb#access_token=REDACTED&state=y", 1 },
		{ "https://u:p@api.example.com/", "https://REDACTED@api.example.com/", 1 },
		{ "//u:p@api.example.com/", "//REDACTED@api.example.com/", 1 },
		{ "https://REDACTED@api.example.com/?KEY=REDACTED", "https://REDACTED@api.example.com/?KEY=REDACTED", 0 },
		{ "https://a/?key=&monkey=1&api-key=2;sig=x", "https://a/?key=&monkey=1&api-key=REDACTED", 1 },
		{ "https://a/?max_token=5&key=12&sig=abc", "https://a/?max_token=5&key=12&sig=REDACTED", 1 },
		{ "https://a/?api%5Fkey=x&auth[token]=y&page_token=z", "https://a/?api%5Fkey=REDACTED&auth[token]=REDACTED&page_token=z",
		  2 },
		{ "https://a/?key=a=b==", "https://a/?key=REDACTED", 1 },
		{ "https://api.example.com/a@b?x=@", "https://api.example.com/a@b?x=@", 0 },
		{ "/path?key=1a", "/path?key=REDACTED", 1 },
		{ "?key=1a", "?key=REDACTED", 1 },
		{ "https://a/s3cr3t/x?y=s3cr3t", "https://a/REDACTED/x?y=REDACTED", 2 },
		{ "", "", 0 },
	};
	struct redact r = REDACT_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	secret_values_add(&r.values, SPAN("s3cr3t"));
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_reset(&b);
		EXPECT(rows[i].url, redact_url(&r, &b, span_of(rows[i].url)) == rows[i].count);
		expect_bytes(rows[i].url, buf_span(&b), span_of(rows[i].want));
	}
	redact_release(&r);
	buf_release(&b);
}

static void headers_lose_their_secrets(void **state)
{
	static const char *const named[] = { "X-Tenant" };
	static const struct {
		const char *name, *value, *want;
	} rows[] = {
		{ "Authorization", "Bearer abc", "REDACTED" },
		{ "X-Auth-Key", "abc", "REDACTED" },
		{ "X-Subscription-Token", "abc", "REDACTED" },
		{ "apikey", "abc", "REDACTED" },
		{ "Set-Cookie", "a=b; Path=/", "REDACTED" },
		{ "X-Api-Key", "", "" },
		{ "X-LLM-Token", "120", "120" },
		{ "X-Api-Key", "87654321", "REDACTED" /* the key of the run */ },
		{ "x-tenant", "1", "REDACTED" /* of the rules */ },
		{ "X-Echo", "Bearer abc", "Bearer abc" },
		{ "X-Echo", "the s3cr3t", "the REDACTED" },
		{ "Location", "/next?token=abc&x=1", "/next?token=REDACTED&x=1" },
		{ "Location", "next?token=abc", "next?token=REDACTED" },
		{ "location", "https://u:p@a/?key=abc", "https://REDACTED@a/?key=REDACTED" },
		{ "Content-Location", "?key=abc", "?key=REDACTED" },
		{ "Operation-Location", "/op?sig=abc", "/op?sig=REDACTED" },
		{ "X-Goog-Upload-URL", "/up?upload_token=abc", "/up?upload_token=REDACTED" },
		{ "X-Link-Uri", "/a?key=abc", "/a?key=REDACTED" },
		{ "Referer", "/a?key=abc", "/a?key=REDACTED" },
		{ "Azure-AsyncOperation", "https://a/?sig=abc", "https://a/?sig=REDACTED" },
		{ "X-Other", "/a?key=abc", "/a?key=abc" },
		{ "Link", "</v1?key=abc&page=2>; rel=\"next\", <//u:p@a/?sig=x>; rel=last",
		  "</v1?key=REDACTED&page=2>; rel=\"next\", <//REDACTED@a/?sig=REDACTED>; rel=last" },
		{ "Link", "<s3cr3t", "<REDACTED" },
		{ "Link", "s3cr3t", "REDACTED" },
	};
	struct redact_rules rules = { .headers = (const char **)(uintptr_t)named, .nheaders = 1 };
	struct redact r = { .rules = &rules };
	struct buf b = BUF_INIT;

	(void)state;
	secret_values_add(&r.values, SPAN("s3cr3t"));
	redact_learn_key(&r, SPAN("87654321"));
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_reset(&b);
		redact_header(&r, &b, span_of(rows[i].name), span_of(rows[i].value));
		expect_bytes(rows[i].name, buf_span(&b), span_of(rows[i].want));
	}
	redact_release(&r);
	buf_release(&b);
}

static void lines_lose_their_secrets(void **state)
{
	struct redact r = REDACT_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	secret_values_add(&r.values, SPAN("s3cr3t"));
	assert_int_equal(redact_line(&r, &b, SPAN("GET /a?key=abc from 'https://u:p@h/' says s3cr3t")), 3);
	expect_bytes("line", buf_span(&b), SPAN("GET /a?key=REDACTED from 'https://REDACTED@h/' says REDACTED"));
	redact_release(&r);
	buf_release(&b);
}

/* ---- bodies */

#define FORM "application/x-www-form-urlencoded"
#define KEY  "abcdefghij1234567890"

static void bodies_lose_their_secrets(void **state)
{
	static const struct {
		const char *type, *body, *want;
	} rows[] = {
		/* members */
		{ "application/json", "{\"api_key\":\"x\",\"n\":1}", "{\"api_key\":\"REDACTED\",\"n\":1}" },
		{ NULL, " { \"accessToken\" : \"x y\" } ", " { \"accessToken\" : \"REDACTED\" } " },
		{ NULL, "[{\"password\":\"\"},{\"password\":\"REDACTED\"},{\"password\":null},{\"password\":[\"x\"]}]", NULL },
		{ NULL, "{\"\\u0061pi_key\":\"x\\n\"}", "{\"\\u0061pi_key\":\"REDACTED\"}" },
		{ NULL, "{\"token\":\"" KEY "\"}", "{\"token\":\"REDACTED\"}" },
		{ NULL, "{\"token\":\"\\u0073k-abc\"}", "{\"token\":\"REDACTED\"}" },
		{ NULL, "{\"token\":\"a word\",\"key\":\"name\",\"decoded_token\":\" the\"}", NULL },
		{ NULL, "{\"content\":\"" KEY "\",\"prompt_cache_key\":\"" KEY "\"}", NULL },
		{ NULL, "{\"token\":12345678901234567890,\"key\":true}", NULL },
		/* nothing is inherited but client_secret.value, nothing is inside of a string */
		{ NULL, "{\"secret\":{\"name\":\"" KEY "\"},\"token\":[\"" KEY "\"]}", NULL },
		{ NULL, "{\"client_secret\":{\"value\":\"x\",\"expires\":\"y\"}}",
		  "{\"client_secret\":{\"value\":\"REDACTED\",\"expires\":\"y\"}}" },
		{ NULL, "{\"clientSecret\":{\"value\":\"x\"}}", "{\"clientSecret\":{\"value\":\"REDACTED\"}}" },
		{ NULL, "{\"secret\":{\"value\":\"x\"},\"value\":\"x\"}", NULL },
		{ NULL, "{\"content\":\"{\\\"api_key\\\":\\\"x\\\"}\"}", NULL },
		/* ephemeral keys */
		{ NULL, "{\"value\":\"ek_abc123\",\"text\":\"ek_ is a prefix\"}",
		  "{\"value\":\"REDACTED\",\"text\":\"ek_ is a prefix\"}" },
		{ NULL, "{\"signature\":\"ek_abc123\",\"thoughtSignature\":\"ek_abc123\",\"encrypted_content\":\"ek_abc123\"}", NULL },
		/* text of a model */
		{ NULL, "{\"content\":[{\"token\":\"" KEY "\",\"logprob\":-1}]}", NULL },
		{ NULL, "{\"token\":\"" KEY "\",\"log_prob\":-1}", NULL },
		{ NULL, "{\"token\":\"" KEY "\",\"logProb\":-1}", NULL },
		{ NULL, "{\"token\":\"" KEY "\",\"logProbability\":-1}", NULL },
		{ NULL, "{\"type\":\"tool_use\",\"name\":\"f\",\"input\":{\"api_key\":\"x\",\"a\":[{\"secret\":\"x\"}]}}", NULL },
		{ NULL, "{\"type\":\"function_call\",\"name\":\"f\",\"input\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"name\":\"f\",\"arguments\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"name\":\"f\",\"args\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"tool_name\":\"f\",\"input\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"toolName\":\"f\",\"input\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"tool_call_id\":\"f\",\"args\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"toolCallId\":\"f\",\"args\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"tool_use_id\":\"f\",\"input\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"toolUseId\":\"f\",\"input\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"call_id\":\"f\",\"input\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"callId\":\"f\",\"input\":{\"api_key\":\"x\"}}", NULL },
		{ NULL, "{\"function\":{\"arguments\":{\"api_key\":\"x\"}}}", NULL },
		{ NULL, "{\"functionCall\":{\"args\":{\"api_key\":\"x\"}}}", NULL },
		{ NULL, "{\"function_call\":{\"args\":{\"api_key\":\"x\"}}}", NULL },
		{ NULL, "{\"toolCall\":{\"args\":{\"api_key\":\"x\"}}}", NULL },
		{ NULL, "{\"tool_call\":{\"args\":{\"api_key\":\"x\"}}}", NULL },
		{ NULL, "{\"toolUse\":{\"input\":{\"api_key\":\"x\"}}}", NULL },
		{ NULL, "{\"tool_use\":{\"input\":{\"api_key\":\"x\"}}}", NULL },
		{ NULL, "{\"name\":\"run\",\"input\":{\"api_key\":\"x\"}}", "{\"name\":\"run\",\"input\":{\"api_key\":\"REDACTED\"}}" },
		{ NULL, "{\"input\":{\"api_key\":\"x\"}}", "{\"input\":{\"api_key\":\"REDACTED\"}}" },
		{ NULL, "{\"name\":\"f\",\"settings\":{\"api_key\":\"x\"}}", "{\"name\":\"f\",\"settings\":{\"api_key\":\"REDACTED\"}}" },
		/* streams */
		{ "text/event-stream", "data: {\"api_key\":\"x\"}\n\n", NULL },
		{ NULL, "{\"api_key\":\"x\"}\n{\"api_key\":\"x\"}\n", NULL },
		/* forms, and JSON that is sent as one */
		{ FORM, "a=1&client_secret=x&b=2;token=y", "a=1&client_secret=REDACTED&b=2;token=y" },
		{ "Application/X-WWW-Form-Urlencoded; charset=utf-8", "code_verifier=x&assertion=y&session_token=z",
		  "code_verifier=REDACTED&assertion=REDACTED&session_token=REDACTED" },
		{ FORM, "{\"q\":\"GET /x?a&token=b\",\"r\":\"c\"}", NULL },
		{ FORM, "\"a&token=b\"", NULL },
		{ FORM, "{\"q\":\"a&token=b\",\"password\":\"c\"}", "{\"q\":\"a&token=b\",\"password\":\"REDACTED\"}" },
		{ FORM, "{\"q\":\"a&token=b", "{\"q\":\"a&token=REDACTED" },
		{ "application/json", "a=1&token=b", NULL },
		/* form data */
		{ "multipart/form-data; boundary=X",
		  "--X\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\nx\r\n"
		  "--X\r\nContent-Disposition: form-data; name=\"token\"; filename=\"a\"\r\n\r\ny\r\n"
		  "--X\r\nContent-Disposition: form-data; name=\"max_token\"\r\n\r\n12\r\n"
		  "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ns3cr3t\r\n--X--\r\n",
		  "--X\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\nREDACTED\r\n"
		  "--X\r\nContent-Disposition: form-data; name=\"token\"; filename=\"a\"\r\n\r\ny\r\n"
		  "--X\r\nContent-Disposition: form-data; name=\"max_token\"\r\n\r\n12\r\n"
		  "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nREDACTED\r\n--X--\r\n" },
		{ NULL, "--X\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\nx\r\n--X--\r\n", NULL },
		/* known values */
		{ NULL, "{\"a\":\"s3cr3t\",\"password\":\"s3cr3t\",\"s3cr3t\":0}",
		  "{\"a\":\"REDACTED\",\"password\":\"REDACTED\",\"REDACTED\":0}" },
		{ FORM, "a=s3cr3t&token=s3cr3t", "a=REDACTED&token=REDACTED" },
		{ "text/event-stream", "data: {\"a\":\"s3\\u0063r3t\"}\n\n", "data: {\"a\":\"REDACTED\"}\n\n" },
	};
	struct redact r = REDACT_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	secret_values_add(&r.values, SPAN("s3cr3t"));
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_reset(&b);
		redact_body(&r, &b, span_of(rows[i].type), span_of(rows[i].body));
		expect_bytes(rows[i].body, buf_span(&b), span_of(rows[i].want ? rows[i].want : rows[i].body));
	}
	redact_release(&r);
	buf_release(&b);
}

/* Whatever is there, in each JSON text of a body, once if one path leads into another. */
static void paths_are_redacted(void **state)
{
	static const struct {
		const char *body, *want;
	} rows[] = {
		{ "{\"user\":\"x\",\"m\":[{\"id\":1},{\"id\":null},{\"id\":{\"a\":\"b\"}}]}",
		  "{\"user\":\"REDACTED\",\"m\":[{\"id\":\"REDACTED\"},{\"id\":null},{\"id\":\"REDACTED\"}]}" },
		{ "{\"o\":{\"user\":\"x\",\"api_key\":\"y\",\"in\":\"s3cr3t\"},\"x\":\"s3cr3t\"}", "{\"o\":\"REDACTED\",\"x\":\"REDACTED\"}" },
		{ "data: {\"user\":\"x\"}\r\n\r\ndata:{\"user\":2}\n\ndata: [DONE]\n\n",
		  "data: {\"user\":\"REDACTED\"}\r\n\r\ndata:{\"user\":\"REDACTED\"}\n\ndata: [DONE]\n\n" },
		{ "{\"user\":\"x\",\"api_key\":\"y\"}\n{\"user\":\"s3cr3t\"}",
		  "{\"user\":\"REDACTED\",\"api_key\":\"y\"}\n{\"user\":\"REDACTED\"}" },
		{ "{\"x\":{\"user\":\"x\"}}", "{\"x\":{\"user\":\"x\"}}" },
	};
	struct path paths[4];
	static const char *const texts[] = { ".user", ".m[].id", ".o", ".o.in" };
	struct redact_rules rules = { .paths = paths, .npaths = 4 };
	struct redact r = { .rules = &rules };
	struct buf b = BUF_INIT;
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(path_parse(&paths[i], span_of(texts[i]), &f), 0);
	secret_values_add(&r.values, SPAN("s3cr3t"));
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_reset(&b);
		redact_body(&r, &b, SPAN_NONE, span_of(rows[i].body));
		expect_bytes(rows[i].body, buf_span(&b), span_of(rows[i].want));
	}
	for (size_t i = 0; i < 4; i++)
		path_release(&paths[i]);
	redact_release(&r);
	buf_release(&b);
}

/* ---- blanking */

static void blanking_corrects_what_follows_from_a_body(void **state)
{
	static const char line[] =
		"{\"request\":{\"method\":\"POST\",\"url\":\"https://a/"
		"?key=k\",\"headers\":{\"Authorization\":[\"Bearer x\"],"
		"\"Content-Length\":[\"14\"]},\"body\":\"{\\\"k\\\":\\\"secr3t\\\"}\"},\"response\":{\"status\":200,"
		"\"headers\":{\"content-length\":[\"12\"],\"set-cookie\":[\"a=1\",\"REDACTED\"]},\"body\":\"ab secr3t "
		"cd\",\"arrivals\":"
		"[[1,5],[2,0],[3,7]]},\"go-vcr\":{\"request\":{\"form\":{\"key\":[\"k\"]}},\"response\":{\"content_"
		"length\":12}},"
		"\"har\":{\"request\":{\"cookies\":[{\"name\":\"sid\",\"value\":\"v\"}],\"queryString\":[{\"name\":"
		"\"key\",\"value\":\"k\"},"
		"{\"name\":\"q\",\"value\":\"secr3t\"}],\"bodySize\":14}}}";
	static const char want[] = "{\"id\":0,\"request\":{\"method\":\"POST\",\"url\":\"https://a/"
				   "?key=REDACTED\",\"headers\":{\"Authorization\":"
				   "[\"REDACTED\"],\"Content-Length\":[\"16\"]},\"body\":\"{\\\"k\\\":\\\"REDACTED\\\"}"
				   "\"},\"response\":{\"status\":200,"
				   "\"headers\":{\"content-length\":[\"14\"],\"set-cookie\":[\"REDACTED\",\"REDACTED\"]"
				   "},\"body\":\"ab REDACTED cd\",\"arrivals\":"
				   "[[1,3],[2,0],[3,11]]},\"go-vcr\":{\"request\":{\"form\":{\"key\":[\"REDACTED\"]}},"
				   "\"response\":{\"content_length\":14}},"
				   "\"har\":{\"request\":{\"cookies\":[{\"name\":\"sid\",\"value\":\"REDACTED\"}],"
				   "\"queryString\":[{\"name\":\"key\",\"value\":"
				   "\"REDACTED\"},{\"name\":\"q\",\"value\":\"REDACTED\"}],\"bodySize\":16}}}";
	struct redact r = REDACT_INIT;
	struct blanked count = { 0 };
	struct interaction i;
	struct json j = JSON_INIT;
	struct fault f = { 0 };
	struct buf b = BUF_INIT;

	(void)state;
	interaction_init(&i);
	secret_values_add(&r.values, SPAN("secr3t"));
	assert_int_equal(record_get(&i, &j, span_of(line), &f), 0);
	assert_int_equal(interaction_blank(&i, &r, 0, &count, &f), 0);
	record_put(&b, &i, NULL);
	expect_bytes("record", buf_span(&b), span_of(want));
	buf_reset(&b);
	blanked_words(&count, &b);
	expect_bytes("count", buf_span(&b), SPAN("2 headers, 1 place in URLs, 2 places in bodies, 4 other fields"));
	assert_int_equal(interaction_blank(&i, &r, 0, &count, &f), 0); /* what is blanked already does not count again */
	assert_int_equal(count.headers + count.urls + count.bodies + count.fields, 9);
	interaction_release(&i);
	json_release(&j);
	buf_release(&b);
	redact_release(&r);
}

struct blank_case {
	const char *line, *want; /* want: of request and response */
	const char *places;
};

static void add_place(void *places, const char *place)
{
	buf_addf(places, "%s; ", place);
}

static void check_blank(const struct blank_case *c, const struct redact_rules *rules)
{
	struct redact r = { .rules = rules };
	struct buf places = BUF_INIT, got = BUF_INIT;
	struct blanked count = { .found = add_place, .ctx = &places };
	struct interaction i;
	struct json j = JSON_INIT;
	struct fault f = { 0 };

	interaction_init(&i);
	EXPECT(c->line, record_get(&i, &j, span_of(c->line), &f) == 0);
	EXPECT(c->line, interaction_blank(&i, &r, 1000, &count, &f) == 0);
	record_put(&got, &i, NULL);
	expect_bytes(c->line, buf_span(&got), span_of(c->want));
	expect_bytes(c->line, buf_span(&places), span_of(c->places));
	interaction_release(&i);
	json_release(&j);
	redact_release(&r);
	buf_release(&places);
	buf_release(&got);
}

#define RECORD(request, response) "{\"id\":0,\"request\":{\"method\":\"GET\"," request "},\"response\":{\"status\":200," response "}"
#define URL                       "\"url\":\"https://a/\",\"headers\":{},\"body\":null"
#define NOTHING                   "\"headers\":{},\"body\":null"

/* What the request's own credentials are is redacted in the whole interaction, and each place is named. */
static void interactions_lose_their_secrets(void **state)
{
	static const struct blank_case cases[] = {
		{ RECORD("\"url\":\"https://a/\",\"headers\":{\"X-Auth-Key\":[\"abcdef-123456\"]},\"body\":\"my abcdef-123456\"",
		         "\"reason\":\"bad abcdef-123456\",\"headers\":{\"X-Echo\":[\"no\",\"abcdef-123456\"],\"Location\":[\"?key=x\"]},"
		         "\"body\":\"{\\\"a b\\\":[0,\\\"is abcdef-123456\\\"],\\\"abcdef-123456\\\":\\\"abcdef-123456\\\",\\\"password\\\":\\\"x\\\"}\"") "}",
		  RECORD("\"url\":\"https://a/\",\"headers\":{\"X-Auth-Key\":[\"REDACTED\"]},\"body\":\"my REDACTED\"",
		         "\"reason\":\"bad REDACTED\",\"headers\":{\"X-Echo\":[\"no\",\"REDACTED\"],\"Location\":[\"?key=REDACTED\"]},"
		         "\"body\":\"{\\\"a b\\\":[0,\\\"is REDACTED\\\"],\\\"REDACTED\\\":\\\"REDACTED\\\",\\\"password\\\":\\\"REDACTED\\\"}\"") "}",
		  "request header X-Auth-Key; request body, byte 3; response reason phrase; response header X-Echo; "
		  "response header Location; response body .[\"a b\"][1]; response body .[\"REDACTED\"]; "
		  "response body .[\"REDACTED\"]; response body .password; " },
		{ RECORD("\"url\":\"https://u:p@a/abcdef-123456?q=1&key=abcdef-123456\",\"headers\":{\"Content-Type\":[\"" FORM "\"]},"
		         "\"body\":\"client_secret=x&b=abcdef-123456\"", NOTHING) "}",
		  RECORD("\"url\":\"https://REDACTED@a/REDACTED?q=1&key=REDACTED\",\"headers\":{\"Content-Type\":[\"" FORM "\"]},"
		         "\"body\":\"client_secret=REDACTED&b=REDACTED\"", NOTHING) "}",
		  "request URL; request URL; request URL, parameter key; request body, parameter client_secret; "
		  "request body, parameter b; " },
		{ RECORD(URL, "\"headers\":{\"Set-Cookie\":[\"s=abcdefghijklmnopqrs1; Path=/\"]},\"body\":\"abcdefghijklmnopqrs1\"")
		  ",\"har\":{\"response\":{\"cookies\":[{\"name\":\"s\",\"value\":\"abc\"}],\"redirectURL\":\"/a?sig=b\",\"key\":\"12\"}}}",
		  RECORD(URL, "\"headers\":{\"Set-Cookie\":[\"REDACTED\"]},\"body\":\"REDACTED\"")
		  ",\"har\":{\"response\":{\"cookies\":[{\"name\":\"s\",\"value\":\"REDACTED\"}],\"redirectURL\":\"/a?sig=REDACTED\",\"key\":\"12\"}}}",
		  "response header Set-Cookie; response body, byte 0; har .response.cookies[0].value; har .response.redirectURL; " },
		{ RECORD(URL, "\"headers\":{\"Authorization\":[\"Bearer ollama\"]},\"body\":\"ollama serve\"") "}",
		  RECORD(URL, "\"headers\":{\"Authorization\":[\"REDACTED\"]},\"body\":\"ollama serve\"") "}",
		  "response header Authorization; " },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++)
		check_blank(&cases[i], NULL);
}

static void rules_are_applied(void **state)
{
	static const char *names[] = { "X-Tenant" }, *dropped[] = { "Date", "x-trace" };
	static const struct blank_case cases[] = {
		{ RECORD("\"url\":\"https://a/\",\"headers\":{\"x-tenant\":[\"1\"],\"X-Trace\":[\"a\"],\"Accept\":[\"b\"]},\"body\":null",
		         "\"headers\":{\"date\":[\"today\"],\"A\":[\"b\"]},\"body\":\"from env1\"") "}",
		  RECORD("\"url\":\"https://a/\",\"headers\":{\"x-tenant\":[\"REDACTED\"],\"Accept\":[\"b\"]},\"body\":null",
		         "\"headers\":{\"A\":[\"b\"]},\"body\":\"from REDACTED\"") "}",
		  "request header X-Trace; request header x-tenant; response header date; response body, byte 5; " },
		/* a number becomes a string, and the pieces know their new lengths */
		{ RECORD(URL, "\"headers\":{\"Content-Length\":[\"24\"]},\"body\":\"{\\\"id\\\":1,\\\"x\\\":\\\"from env1\\\"}\","
		         "\"arrivals\":[[0,6],[1,8],[2,5],[3,5]]") "}",
		  RECORD(URL, "\"headers\":{\"Content-Length\":[\"37\"]},\"body\":\"{\\\"id\\\":\\\"REDACTED\\\",\\\"x\\\":\\\"from REDACTED\\\"}\","
		         "\"arrivals\":[[0,6],[1,17],[2,4],[3,10]]") "}",
		  "response body .id; response body .x; " },
	};
	struct path path;
	struct redact_rules rules = { .headers = names, .nheaders = 1, .dropped = dropped, .ndropped = 2, .paths = &path, .npaths = 1 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(path_parse(&path, SPAN(".id"), &f), 0);
	secret_values_add(&rules.values, SPAN("env1"));
	for (size_t i = 0; i < ROWS(cases); i++)
		check_blank(&cases[i], &rules);
	secret_values_release(&rules.values);
	path_release(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_by_their_last_word),
		cmocka_unit_test(members_that_always_are),
		cmocka_unit_test(long_names),
		cmocka_unit_test(values_that_are_credentials),
		cmocka_unit_test(values_are_found_in_every_spelling),
		cmocka_unit_test(values_with_odd_characters),
		cmocka_unit_test(values_overlap),
		cmocka_unit_test(credentials_are_learned_from_headers),
		cmocka_unit_test(credentials_are_learned_from_responses),
		cmocka_unit_test(credentials_are_learned_from_urls),
		cmocka_unit_test(urls_lose_their_secrets),
		cmocka_unit_test(headers_lose_their_secrets),
		cmocka_unit_test(lines_lose_their_secrets),
		cmocka_unit_test(bodies_lose_their_secrets),
		cmocka_unit_test(paths_are_redacted),
		cmocka_unit_test(blanking_corrects_what_follows_from_a_body),
		cmocka_unit_test(interactions_lose_their_secrets),
		cmocka_unit_test(rules_are_applied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
