import { assertNever } from "../base/base.ts";
import type { YieldCause } from "../contract/contract.ts";

/** Why batch work stepped aside, e.g. `/v1/chat/completions of Zed` or `Blender uses 6.1 GB of GPU memory`. */
export function describeCause(cause: YieldCause): string {
	switch (cause.kind) {
		case "request":
			return `${cause.endpoint}${cause.client === null ? "" : ` of ${cause.client}`}`;
		case "stop":
			return cause.words;
		default:
			return assertNever(cause);
	}
}
