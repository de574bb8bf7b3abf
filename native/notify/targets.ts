/** Who is told of what, and whether that is allowed. Pure. */
import { createHash } from "node:crypto";
import type { SettingsValues, WebhookEvent } from "../contract/contract.ts";

/** The settings that decide. */
export type WebhookSettings = SettingsValues["webhooks"];

/** True: webhooks may be sent to this address. Only hosts the owner listed are, with their port where it is not the usual one. */
export function isAllowed(url: string, { allowedHosts }: Pick<WebhookSettings, "allowedHosts">): boolean {
	const parsed = URL.parse(url);
	return parsed !== null && /^https?:$/.test(parsed.protocol) && allowedHosts.includes(parsed.host);
}

/** Addresses to be told of an event: those of the settings that want its type, and the batch's own. Each once. */
export function targetsOf(
	type: WebhookEvent["type"],
	batchUrl: string | null,
	settings: WebhookSettings,
): readonly string[] {
	const name = type.slice("batch.".length);
	const wanting = settings.endpoints.filter(({ events }) => events.some((event) => event === name));
	return [...new Set([...wanting.map(({ url }) => url), ...(batchUrl === null ? [] : [batchUrl])])];
}

/** How the ledger names an address: addresses may carry secrets, so they are not written into the log of operations. */
export function targetDigest(url: string): string {
	return createHash("sha256").update(url).digest("hex");
}
