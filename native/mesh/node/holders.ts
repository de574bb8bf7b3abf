/** Who has what of the logs, by its own word. Pure. */
import { type CoreState, lengthIn } from "../core/core.ts";

/**
 * Whether one of the machines that can be reached directly says to have an operation on its disk. Its blobs are there before that is
 * said, so such a machine has them too, or they were dropped since.
 */
export function hasHolder(
	{ peers }: Pick<CoreState, "peers">,
	links: readonly { readonly deviceId: string }[],
	{ origin, sequence }: { readonly origin: string; readonly sequence: number },
): boolean {
	return links.some(({ deviceId }) => lengthIn(peers.get(deviceId)?.durable ?? {}, origin) >= sequence);
}
