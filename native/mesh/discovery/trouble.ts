/** Says in words what keeps this machine from finding others. */

/** Something that does not work, and goes on being tried. */
export interface DiscoveryTrouble {
	/** What the system called it, or `NO_NETWORK`, or `DEAF`. */
	readonly code: string;
	/** A sentence, and what to do about it. */
	readonly message: string;
}

/** What was tried when the system refused. */
export type Attempt = "multicast" | "beacon" | "beacon-port";

/** Words for a refusal on one interface (null: on all of them). */
export function describeTrouble(
	attempt: Attempt,
	interfaceName: string | null,
	code: string,
	platform: NodeJS.Platform,
): DiscoveryTrouble {
	return { code, message: wordsFor(attempt, interfaceName === null ? "" : ` on ${interfaceName}`, code, platform) };
}

/** Of a computer without any network that others could be on. */
export const noNetwork: DiscoveryTrouble = {
	code: "NO_NETWORK",
	message: "This computer is on no network at the moment. Other machines are looked for as soon as it is.",
};

function wordsFor(attempt: Attempt, where: string, code: string, platform: NodeJS.Platform): string {
	const isSilenced = code === "EHOSTUNREACH" || code === "EPERM" || code === "EACCES";
	if (isSilenced && platform === "darwin") {
		return `macOS does not let Nightshift look for other machines${where}. Allow it in System Settings, Privacy & Security, Local Network.`;
	}
	if (isSilenced && code !== "EHOSTUNREACH") {
		return `A firewall does not let Nightshift look for other machines${where} (${code}). Allow Nightshift on private networks there.`;
	}
	if (code === "EADDRINUSE") {
		const port = attempt === "multicast" ? "Port 5353 (multicast DNS)" : "The port of Nightshift's own beacon";
		return `${port} is held by another program that does not share it. Machines are still found the other way, or by a typed address.`;
	}
	if (code === "DEAF") {
		return `Nothing is heard${where} any more, as after an adapter was taken out and put in. It is opened anew.`;
	}
	return `The network${where} takes nothing at the moment (${code}). It is tried again by itself.`;
}
