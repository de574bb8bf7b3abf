/** Names of new conversations and messages. */

/** 96 bits: they never meet. */
const ID_BYTES = 12;

/** Random and hexadecimal; works on pages without TLS too, where `crypto.randomUUID` is missing. */
function random(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A conversation's id, as the service wants it. */
export function newThreadId(): string {
	return `thread_${random()}`;
}

/** A message's id. */
export function newMessageId(): string {
	return `message_${random()}`;
}
