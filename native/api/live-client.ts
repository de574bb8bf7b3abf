/** More says nothing to a person who looks for what keeps the machine busy. */
const NAME_LENGTH = 40;

/**
 * Who asks, for people: the first product of a User-Agent header (RFC 9110, 10.1.5), e.g. `OpenAI/JS` of `OpenAI/JS 6.49.0`. All browsers
 * name themselves Mozilla, which says nothing; a request that is of our own page is the chat's. Null: none is named.
 */
export function clientOf(userAgent: string | undefined, isOwnPage: boolean): string | null {
	const product = /^[\w!#$%&'*+.^`|~-]+(?:\/[\w!#$%&'*+.^`|~-]+)?/.exec(userAgent?.trim() ?? "")?.[0] ?? null;
	if (product?.startsWith("Mozilla/")) return isOwnPage ? "the chat" : "a web page";
	return product?.slice(0, NAME_LENGTH) ?? null;
}
