/* SPDX-License-Identifier: MIT */
/*
 * provider: the table of providers, and the templates it is written in. See provider.h.
 *
 * To add one, add a row: sse-post -p list, --help and the endpoint follow. The page's list
 * is checked against this table by tests/sse-post.bats.
 */
#include "net/provider.h"

#include <ctype.h>
#include <string.h>

#define AUTH(...) .auth = { __VA_ARGS__ }
#define BEARER(variable) AUTH({ variable, "Authorization", "Bearer " })
#define CHAT "/chat/completions"
#define VERTEX_AT(host) "https://" host "/v1/projects/{GOOGLE_CLOUD_PROJECT}/locations/{GOOGLE_CLOUD_LOCATION}"
#define VERTEX VERTEX_AT("{GOOGLE_CLOUD_LOCATION}-aiplatform.googleapis.com")
#define VERTEX_GLOBAL VERTEX_AT("aiplatform.googleapis.com")
#define BEDROCK "https://bedrock-runtime.{AWS_REGION|AWS_DEFAULT_REGION}.amazonaws.com"
#define GEMINI "https://generativelanguage.googleapis.com"

/* Where a provider's own SDK reads a base URL from a variable, the variable and what is left to the
 * path are those of the SDK, so that one setting serves both.
 *
 * Mistral, as of 2025, answers 422 "extra inputs are not permitted" to stream_options, and sends
 * usage unasked; so does Perplexity send it. */
static const struct provider table[] = {
	{ "openai", "OPENAI_BASE_URL", "https://api.openai.com/v1", CHAT, BEARER("OPENAI_API_KEY"),
	  .headers = { "?OpenAI-Organization: {OPENAI_ORG_ID}", "?OpenAI-Project: {OPENAI_PROJECT_ID}" } },
	{ "openai-responses", "OPENAI_BASE_URL", "https://api.openai.com/v1", "/responses", BEARER("OPENAI_API_KEY"),
	  .headers = { "?OpenAI-Organization: {OPENAI_ORG_ID}", "?OpenAI-Project: {OPENAI_PROJECT_ID}" } },
	{ "azure", "AZURE_OPENAI_ENDPOINT", NULL,
	  "/openai/deployments/{model}" CHAT "?api-version={OPENAI_API_VERSION}",
	  AUTH({ "AZURE_OPENAI_API_KEY", "api-key", "" }, { "AZURE_OPENAI_AD_TOKEN", "Authorization", "Bearer " }) },
	{ "anthropic", "ANTHROPIC_BASE_URL", "https://api.anthropic.com", "/v1/messages",
	  AUTH({ "ANTHROPIC_API_KEY", "x-api-key", "" }, { "ANTHROPIC_AUTH_TOKEN", "Authorization", "Bearer " }),
	  .headers = { "anthropic-version: 2023-06-01" } },
	{ "gemini", "GOOGLE_GEMINI_BASE_URL", GEMINI, "/v1beta/models/{model}:streamGenerateContent?alt=sse",
	  AUTH({ "GEMINI_API_KEY", "x-goog-api-key", "" }, { "GOOGLE_API_KEY", "x-goog-api-key", "" }),
	  .always_streams = true },
	{ "gemini-interactions", "GOOGLE_GEMINI_BASE_URL", GEMINI, "/v1beta/interactions?alt=sse",
	  AUTH({ "GEMINI_API_KEY", "x-goog-api-key", "" }, { "GOOGLE_API_KEY", "x-goog-api-key", "" }) },
	{ "gemini-openai", "GOOGLE_GEMINI_BASE_URL", GEMINI, "/v1beta/openai" CHAT,
	  AUTH({ "GEMINI_API_KEY", "Authorization", "Bearer " }, { "GOOGLE_API_KEY", "Authorization", "Bearer " }) },
	{ "vertex", "VERTEX_BASE_URL", VERTEX, "/publishers/google/models/{model}:streamGenerateContent?alt=sse",
	  BEARER("GOOGLE_OAUTH_ACCESS_TOKEN"), .global_base = VERTEX_GLOBAL, .always_streams = true },
	{ "vertex-anthropic", "VERTEX_BASE_URL", VERTEX, "/publishers/anthropic/models/{model}:streamRawPredict",
	  BEARER("GOOGLE_OAUTH_ACCESS_TOKEN"), .global_base = VERTEX_GLOBAL },
	{ "openrouter", "OPENROUTER_BASE_URL", "https://openrouter.ai/api/v1", CHAT, BEARER("OPENROUTER_API_KEY") },
	{ "mistral", "MISTRAL_BASE_URL", "https://api.mistral.ai/v1", CHAT, BEARER("MISTRAL_API_KEY"),
	  .no_usage = true },
	{ "groq", "GROQ_BASE_URL", "https://api.groq.com", "/openai/v1" CHAT, BEARER("GROQ_API_KEY") },
	{ "xai", "XAI_BASE_URL", "https://api.x.ai/v1", CHAT, BEARER("XAI_API_KEY") },
	{ "deepseek", "DEEPSEEK_BASE_URL", "https://api.deepseek.com", CHAT, BEARER("DEEPSEEK_API_KEY") },
	{ "together", "TOGETHER_BASE_URL", "https://api.together.xyz/v1", CHAT,
	  AUTH({ "TOGETHER_API_KEY", "Authorization", "Bearer " },
	       { "TOGETHERAI_API_KEY", "Authorization", "Bearer " }) },
	{ "fireworks", "FIREWORKS_BASE_URL", "https://api.fireworks.ai/inference/v1", CHAT,
	  BEARER("FIREWORKS_API_KEY") },
	{ "cerebras", "CEREBRAS_BASE_URL", "https://api.cerebras.ai", "/v1" CHAT, BEARER("CEREBRAS_API_KEY") },
	{ "perplexity", "PERPLEXITY_BASE_URL", "https://api.perplexity.ai", CHAT, BEARER("PERPLEXITY_API_KEY"),
	  .no_usage = true },
	{ "cohere", "COHERE_BASE_URL", "https://api.cohere.com", "/v2/chat",
	  AUTH({ "COHERE_API_KEY", "Authorization", "Bearer " }, { "CO_API_KEY", "Authorization", "Bearer " }) },
	{ "deepinfra", "DEEPINFRA_BASE_URL", "https://api.deepinfra.com/v1/openai", CHAT, BEARER("DEEPINFRA_API_KEY") },
	{ "moonshot", "MOONSHOT_BASE_URL", "https://api.moonshot.cn/v1", CHAT, BEARER("MOONSHOT_API_KEY") },
	{ "dashscope", "DASHSCOPE_BASE_URL", "https://dashscope.aliyuncs.com/compatible-mode/v1", CHAT,
	  BEARER("DASHSCOPE_API_KEY") },
	{ "zhipu", "ZHIPUAI_BASE_URL", "https://open.bigmodel.cn/api/paas/v4", CHAT, BEARER("ZHIPUAI_API_KEY") },
	{ "huggingface", "HF_BASE_URL", "https://router.huggingface.co/v1", CHAT, BEARER("HF_TOKEN") },
	{ "nvidia", "NVIDIA_BASE_URL", "https://integrate.api.nvidia.com/v1", CHAT, BEARER("NVIDIA_API_KEY") },
	{ "github", "GITHUB_MODELS_BASE_URL", "https://models.github.ai/inference", CHAT, BEARER("GITHUB_TOKEN") },
	{ "bedrock", "BEDROCK_BASE_URL", BEDROCK, "/model/{model}/converse-stream", BEARER("AWS_BEARER_TOKEN_BEDROCK"),
	  .headers = { "Accept: application/vnd.amazon.eventstream" }, .always_streams = true },
	{ "bedrock-invoke", "BEDROCK_BASE_URL", BEDROCK, "/model/{model}/invoke-with-response-stream",
	  BEARER("AWS_BEARER_TOKEN_BEDROCK"), .headers = { "Accept: application/vnd.amazon.eventstream" },
	  .always_streams = true },
	{ "ollama", "OLLAMA_HOST", "http://localhost:11434", "/api/chat", .keyless = true },
	{ "ollama-openai", "OLLAMA_HOST", "http://localhost:11434", "/v1" CHAT, .keyless = true },
	{ "llama.cpp", "LLAMACPP_BASE_URL", "http://localhost:8080/v1", CHAT, BEARER("LLAMA_API_KEY"),
	  .keyless = true },
	{ "lm-studio", "LMSTUDIO_BASE_URL", "http://localhost:1234/v1", CHAT, BEARER("LMSTUDIO_API_KEY"),
	  .keyless = true },
	{ "vllm", "VLLM_BASE_URL", "http://localhost:8000/v1", CHAT, BEARER("VLLM_API_KEY"), .keyless = true },
	{ 0 },
};

const struct provider *provider_find(const char *name)
{
	for (const struct provider *p = table; p->name; p++)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

const struct provider *provider_after(const struct provider *p)
{
	p = p ? p + 1 : table;
	return p->name ? p : NULL;
}

struct provider_auth provider_auth_for(const struct provider *p, const char *variable)
{
	struct provider_auth bearer = { NULL, "Authorization", "Bearer " };

	if (!p || !p->auth[0].header)
		return bearer;
	for (int i = 0; variable && i < PROVIDER_AUTHS && p->auth[i].variable; i++)
		if (!strcmp(p->auth[i].variable, variable))
			return p->auth[i];
	return p->auth[0];
}

static void encode(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (isalnum(c) || (c && strchr("-._~", c)))
			buf_addc(b, (char)c);
		else
			buf_addf(b, "%%%02X", c);
	}
}

/* The value of {A|B}, absent when none of them is set. */
static struct span value_of(struct span names, provider_lookup *lookup, struct span model)
{
	while (names.n) {
		const char *bar = memchr(names.p, '|', names.n);
		size_t n = bar ? (size_t)(bar - names.p) : names.n;
		char name[64] = "";
		const char *value;

		memcpy(name, names.p, n < sizeof name ? n : sizeof name - 1);
		if (!strcmp(name, "model"))
			return model.n ? model : SPAN_NONE;
		if ((value = lookup(name)) != NULL && *value)
			return span_of(value);
		names.p += n + (bar != NULL);
		names.n -= n + (bar != NULL);
	}
	return SPAN_NONE;
}

/* Appends template t; -1, and *missing says which names, when one of its variables is not set. */
static int expand(const char *t, provider_lookup *lookup, struct span model, bool url, struct buf *b,
                  struct span *missing)
{
	for (const char *open; (open = strchr(t, '{')) != NULL; t = strchr(open, '}') + 1) {
		struct span names = { open + 1, strcspn(open + 1, "}") };
		struct span value = value_of(names, lookup, model);

		buf_add(b, t, (size_t)(open - t));
		if (!value.p) {
			*missing = names;
			return -1;
		}
		if (url)
			encode(b, value);
		else
			buf_addspan(b, value);
	}
	buf_adds(b, t);
	return 0;
}

/* OLLAMA_HOST is often only a host, or host:port: the default's scheme and port complete it. */
static void add_base(struct buf *b, const struct provider *p, const char *value)
{
	const char *scheme = p->base ? strstr(p->base, "://") : NULL;
	const char *port = scheme ? strchr(scheme + 3, ':') : NULL;

	if (strstr(value, "://") || !port) {
		buf_adds(b, value);
		return;
	}
	buf_add(b, p->base, (size_t)(scheme + 3 - p->base));
	buf_adds(b, value);
	if (!strchr(value, ':') && !strchr(value, '/'))
		buf_add(b, port, 1 + strspn(port + 1, "0123456789"));
}

static int missing_fault(struct span names, const struct provider *p, struct fault *f)
{
	if (span_is(names, "model"))
		return fault_set(f, ST_USAGE, "the endpoint of %s needs a model: --model, or \"model\" in the body",
		                 p->name);
	return fault_set(f, ST_USAGE, "the endpoint of %s needs the variable %.*s", p->name, (int)names.n, names.p);
}

/* The template of the base, or NULL. */
static const char *base_of(const struct provider *p, provider_lookup *lookup)
{
	const char *location = p->global_base ? lookup("GOOGLE_CLOUD_LOCATION") : NULL;

	return location && !strcmp(location, "global") ? p->global_base : p->base;
}

int provider_url(const struct provider *p, provider_lookup *lookup, struct span model, struct buf *url, struct fault *f)
{
	const char *base = lookup(p->base_variable), *template = base_of(p, lookup);
	struct span missing = span_of(p->base_variable);

	if (base && *base)
		add_base(url, p, base);
	else if (!template || expand(template, lookup, model, true, url, &missing) < 0)
		return missing_fault(missing, p, f);
	while (url->len && url->p[url->len - 1] == '/')
		buf_cut(url, url->len - 1);
	if (expand(p->path, lookup, model, true, url, &missing) < 0)
		return missing_fault(missing, p, f);
	return 0;
}

bool provider_wants_model(const struct provider *p)
{
	return strstr(p->path, "{model}") != NULL;
}

int provider_headers(const struct provider *p, provider_lookup *lookup, struct fields *h, struct fault *f)
{
	struct buf b = BUF_INIT;
	struct span missing;
	int r = 0;

	for (int i = 0; i < PROVIDER_HEADERS && p->headers[i] && r == 0; i++) {
		bool optional = p->headers[i][0] == '?';
		const char *colon;

		buf_reset(&b);
		if (expand(p->headers[i] + optional, lookup, SPAN_NONE, false, &b, &missing) < 0) {
			r = optional ? 0 : missing_fault(missing, p, f);
			continue;
		}
		colon = memchr(b.p, ':', b.len);
		r = fields_default(h, (struct span){ b.p, (size_t)(colon - b.p) }, span_of(colon + 2), f);
	}
	buf_release(&b);
	return r;
}

static void list_row(struct buf *b, const struct provider *p)
{
	struct buf keys = BUF_INIT;

	for (int i = 0; i < PROVIDER_AUTHS && p->auth[i].variable; i++)
		buf_addf(&keys, "%s%s", i ? "|" : "", p->auth[i].variable);
	buf_addf(b, "%-19s  %-37s  %-22s  %s%s\n", p->name, keys.len ? buf_str(&keys) : "-", p->base_variable,
	         p->base ? p->base : "", p->path);
	buf_release(&keys);
}

void provider_list(struct buf *b)
{
	buf_addf(b, "%-19s  %-37s  %-22s  %s\n", "NAME", "KEY", "BASE", "ENDPOINT");
	for (const struct provider *p = table; p->name; p++)
		list_row(b, p);
}
