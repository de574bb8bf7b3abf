/** Ends every switch over a union: adding a case without handling it is a compile error here, and a bug at run time. */
export function assertNever(value: never): never {
	throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
