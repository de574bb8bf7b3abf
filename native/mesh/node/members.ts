/** Members as the core knows them. Pure. */
import type { Member as CoreMember } from "../core/core.ts";
import type { MembershipView } from "../membership/membership.ts";
import type { Hosting } from "./messages.ts";
import type { Told } from "./view.ts";

/** What an owner's wish counts when two machines could be host: lower is better. */
export function rankOf(hosting: Hosting): number {
	return hosting === "preferred" ? 0 : 1;
}

/** All members, with how their owners want them as host, as far as they said so. */
export function coreMembers(view: MembershipView, told: ReadonlyMap<string, Told>): readonly CoreMember[] {
	return [...view.members.keys()].map((device) => {
		const hosting = told.get(device)?.hosting ?? "allowed";
		return { device, rank: rankOf(hosting), mayHost: hosting !== "never" };
	});
}
