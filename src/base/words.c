/* SPDX-License-Identifier: MIT */
/* words: a text as the words of a command. See words.h. */
#include "base/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* One word from *text into to, NUL-terminated; NULL: a quote is not closed, else what follows it. */
static const char *word(const char *text, char **to)
{
	char quote = 0;

	for (; *text && (quote || !is_space(*text)); text++) {
		if (quote ? *text == quote : *text == '\'' || *text == '"') {
			quote = quote ? 0 : *text;
			continue;
		}
		if (*text == '\\' && text[1] && (!quote || (quote == '"' && strchr("\"\\$`", text[1]))))
			text++;
		*(*to)++ = *text;
	}
	*(*to)++ = '\0';
	return quote ? NULL : text;
}

char **words_split(const char *text, struct fault *f)
{
	size_t n = strlen(text), most = n / 2 + 2, k = 0;
	char **list = mem_alloc(most * sizeof *list + n + 1), *to = (char *)(list + most);

	for (;;) {
		while (is_space(*text))
			text++;
		if (!*text)
			break;
		list[k++] = to;
		text = word(text, &to);
		if (!text) {
			fault_set(f, ST_USAGE, "a quote in the command is not closed");
			break;
		}
	}
	if (k == 0)
		fault_set(f, ST_USAGE, "the command is empty");
	list[k] = NULL;
	if (f->status == ST_OK)
		return list;
	free(list);
	return NULL;
}

void words_quote(struct buf *b, struct span word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
	bool needed = word.n == 0;

	for (size_t i = 0; i < word.n && !needed; i++)
		needed = !memchr(plain, word.p[i], sizeof plain - 1);
	if (!needed) {
		buf_addspan(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, word.p[i]);
	buf_addc(b, '\'');
}
