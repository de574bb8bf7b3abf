/**
 * Has Windows' firewall let other machines in, once the mesh is switched on and somebody chose it in the tray's menu. Owns whether that
 * is offered, and the one question that Windows asks of it. Must never ask unbidden, and never for more than the program that listens:
 * the service, which the shell's own executable runs (`fork` runs `execPath`), and the `nightshift` command, which does likewise.
 */
import { createListeners, type Platform } from "../base/base.ts";
import type { ShellLog } from "../log.ts";
import { type Card, ownCard } from "../notifications/notifications.ts";
import { screens } from "../screens.ts";
import type { ServiceLink } from "../service/link.ts";
import type { ShellState } from "../state/state.ts";
import { firewallWords } from "../words/firewall.ts";
import { allowCommand, allowedBy, faultOf, findMarkCommand, hasMark, setMarkCommand, systemFolder } from "./rule.ts";
import type { RunProgram } from "./run-program.ts";

export { type RunProgram, runProgram } from "./run-program.ts";

/** What it is made from. */
export interface FirewallDeps {
	readonly link: Pick<ServiceLink, "state" | "watch">;
	readonly run: RunProgram;
	readonly platform: Platform;
	/** A copy that runs from its source would open the firewall to every program of Electron. */
	readonly isPackaged: boolean;
	/** The program that listens. */
	readonly execPath: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Tells the user something, by a notification. */
	readonly tell: (card: Card) => void;
	readonly log: ShellLog;
}

/** The firewall, as the rest of the shell sees it. */
export interface Firewall {
	/** There is no rule yet, and others would need one. */
	readonly isOffered: boolean;
	/** Calls when `isOffered` may have changed. Answers a function that ends it. */
	watch(listener: () => void): () => void;
	/** Makes the rule, with an administrator's consent; tells what came of it. Does nothing where it is not offered. Never rejects. */
	allow(): Promise<void>;
	stop(): void;
}

/** How it stands with the rule: not looked yet, there is none, Windows is being asked, it is there. */
type Standing = "unknown" | "none" | "asking" | "made";

/** Begins to watch the mesh. */
export function createFirewall(deps: FirewallDeps): Firewall {
	if (deps.platform !== "win32" || !deps.isPackaged) {
		return { isOffered: false, watch: () => () => {}, allow: async () => {}, stop() {} };
	}
	return createWindowsFirewall(deps);
}

function createWindowsFirewall({ link, run, execPath, environment, tell, log }: FirewallDeps): Firewall {
	const system = systemFolder(environment.SystemRoot);
	const listeners = createListeners<void>();
	let standing: Standing = "unknown";
	let isLooking = false;

	function become(next: Standing): void {
		standing = next;
		listeners.tell();
	}

	/** Looked for once a run, and only on machines that others are to reach. */
	async function look(): Promise<void> {
		if (isLooking || standing !== "unknown" || !isMeshOn(link.state)) return;
		isLooking = true;
		const ran = await run(findMarkCommand(system));
		// Offered nevertheless: a rule that is there already is replaced by its like.
		if (ran.kind === "failed") log.warn({ message: ran.message }, "whether there is a firewall rule is not known");
		become(hasMark(ran) ? "made" : "none");
	}

	function complain(message: string): void {
		tell(ownCard("firewall", firewallWords.notMade, message, screens.machines));
		become("none");
	}

	async function mark(): Promise<void> {
		const fault = faultOf(await run(setMarkCommand(system)));
		if (fault === null) tell(ownCard("firewall", firewallWords.made, firewallWords.madeBody, screens.machines));
		else tell(ownCard("firewall", firewallWords.made, firewallWords.notMarked(fault), screens.machines));
		become("made");
	}

	async function allow(): Promise<void> {
		const command = allowCommand(execPath, system);
		if (command === null) return complain(firewallWords.path);
		become("asking");
		const allowed = allowedBy(await run(command));
		switch (allowed.kind) {
			case "made":
				return mark();
			case "refused":
				return complain(firewallWords.refused);
			case "failed":
				return complain(firewallWords.failed(allowed.reason));
			default:
				return allowed satisfies never;
		}
	}

	const isOffered = (): boolean => standing === "none" && isMeshOn(link.state);
	const stop = link.watch(() => void look());
	void look();
	return {
		get isOffered() {
			return isOffered();
		},
		watch: listeners.join,
		allow: async () => (isOffered() ? allow() : undefined),
		stop,
	};
}

/** Of a service that is not up nothing can be reached. */
function isMeshOn({ service, mesh }: ShellState): boolean {
	return service.kind === "up" && mesh !== null && mesh.is_on;
}
