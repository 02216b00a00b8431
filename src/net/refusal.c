/* SPDX-License-Identifier: MIT */
/* refusal: an error's body in a shape that the clients of all providers understand. See refusal.h. */
#include "net/refusal.h"

#include "json/write.h"

/* Of a code that is not there: the words of its hundred. */
static const struct {
	int code;
	const char *type, *status;
} words[] = {
	{ 400, "invalid_request_error", "INVALID_ARGUMENT" },
	{ 401, "authentication_error", "UNAUTHENTICATED" },
	{ 403, "permission_error", "PERMISSION_DENIED" },
	{ 404, "not_found_error", "NOT_FOUND" },
	{ 413, "request_too_large", "INVALID_ARGUMENT" },
	{ 429, "rate_limit_error", "RESOURCE_EXHAUSTED" },
	{ 500, "api_error", "INTERNAL" },
	{ 502, "api_error", "UNAVAILABLE" },
	{ 503, "api_error", "UNAVAILABLE" },
	{ 504, "timeout_error", "DEADLINE_EXCEEDED" },
	{ 529, "overloaded_error", "UNAVAILABLE" },
};

void refusal_put(struct buf *b, int code, struct span message)
{
	size_t found = code < 500 ? 0 : 6;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].code == code)
			found = i;
	buf_addf(b, "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"code\":%d,\"status\":\"%s\",\"message\":",
	         words[found].type, code, words[found].status);
	json_quote(b, message);
	buf_adds(b, "}}");
}
