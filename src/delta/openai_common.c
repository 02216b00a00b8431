/* SPDX-License-Identifier: MIT */
/* openai_common: what chat completions and text completions have in common. See openai_common.h. */
#include "delta/openai_common.h"

void openai_first_filled(struct tree_node *to, const struct json *j, uint32_t v)
{
	struct span had = tree_raw(to);

	if ((span_is(had, "null") || span_is(had, "\"\"") || span_is(had, "0")) && json_kind(j, v) != JSON_NULL)
		tree_set(to, j, v);
}

void openai_last_filled(struct tree_node *to, const struct json *j, uint32_t v)
{
	bool empty = json_kind(j, v) == JSON_STRING && !json_filled(j, v);

	if (json_kind(j, v) != JSON_NULL && !(empty && !tree_is_null(to)))
		tree_set(to, j, v);
}

void openai_logprobs(struct delta *d, struct tree_node *to, const struct json *j, uint32_t v)
{
	tree_become_object(to);
	for (uint32_t m = json_first(j, v); m; m = json_next(j, v, m)) {
		struct tree_node *n = tree_put(&d->tree, to, json_string(j, json_key(m)));

		if (json_kind(j, m) == JSON_ARRAY)
			delta_list_all(d, n, j, m);
		else if (json_kind(j, m) != JSON_NULL)
			tree_set(n, j, m);
	}
}

bool openai_finished(struct tree_node *choice)
{
	struct tree_node *reason = tree_get(choice, "finish_reason");

	if (!reason)
		reason = tree_get(choice, "stop_reason");
	return !tree_is_null(reason) && !tree_is(reason, ""); /* some say "" where others say null */
}

void openai_usage(const struct json *j, struct normal *n)
{
	uint32_t u = json_get(j, JSON_ROOT, "usage");

	if (json_kind(j, u) != JSON_OBJECT)
		u = json_path(j, JSON_ROOT, "x_groq.usage");
	if (json_kind(j, u) != JSON_OBJECT) /* Moonshot */
		u = json_get(j, json_at(j, json_get(j, JSON_ROOT, "choices"), 0), "usage");
	normal_usage_path(n, USAGE_INPUT, j, u, "prompt_tokens");
	normal_usage_path(n, USAGE_OUTPUT, j, u, "completion_tokens");
	normal_usage_path(n, USAGE_REASONING, j, u, "reasoning_tokens");
	normal_usage_path(n, USAGE_REASONING, j, u, "completion_tokens_details.reasoning_tokens");
	normal_usage_path(n, USAGE_CACHED, j, u, "cache_read_input_tokens");
	normal_usage_path(n, USAGE_CACHED, j, u, "cached_tokens");
	normal_usage_path(n, USAGE_CACHED, j, u, "prompt_cache_hit_tokens");
	normal_usage_path(n, USAGE_CACHED, j, u, "prompt_tokens_details.cached_tokens");
	normal_usage_path(n, USAGE_CACHE_WRITE, j, u, "cache_creation_input_tokens");
	normal_usage_path(n, USAGE_CACHE_WRITE, j, u, "prompt_tokens_details.cache_creation_input_tokens");
	normal_usage_path(n, USAGE_CACHE_WRITE, j, u, "prompt_tokens_details.cache_creation_tokens");
	normal_usage_path(n, USAGE_CACHE_WRITE, j, u, "prompt_tokens_details.cache_write_tokens");
	normal_usage_path(n, USAGE_TOTAL, j, u, "total_tokens");
	normal_usage_path(n, USAGE_COST, j, u, "cost");
	normal_usage_path(n, USAGE_COST, j, u, "cost.total_cost");
	if (json_kind(j, u) == JSON_OBJECT)
		return;
	normal_usage_path(n, USAGE_INPUT, j, JSON_ROOT, "amazon-bedrock-invocationMetrics.inputTokenCount");
	normal_usage_path(n, USAGE_OUTPUT, j, JSON_ROOT, "amazon-bedrock-invocationMetrics.outputTokenCount");
	normal_usage_path(n, USAGE_CACHED, j, JSON_ROOT, "amazon-bedrock-invocationMetrics.cacheReadInputTokenCount");
	normal_usage_path(n, USAGE_CACHE_WRITE, j, JSON_ROOT, "amazon-bedrock-invocationMetrics.cacheWriteInputTokenCount");
}
