/** More says nothing to a person who looks for what keeps the machine busy. */
const NAME_LENGTH = 40;

/** The first product of a User-Agent header (RFC 9110, 10.1.5), e.g. `OpenAI/JS` of `OpenAI/JS 6.49.0`; null: none is named. */
export function clientOf(userAgent: string | undefined): string | null {
	const product = /^[\w!#$%&'*+.^`|~-]+(?:\/[\w!#$%&'*+.^`|~-]+)?/.exec(userAgent?.trim() ?? "");
	return product === null ? null : product[0].slice(0, NAME_LENGTH);
}
