/** How the mesh stands, as the thread told it last. */
import { createListeners } from "../../base/base.ts";
import type { Durability, MeshView } from "../../contract/contract.ts";
import type { FromNode } from "../node/messages.ts";

/** What is known of the mesh. */
export interface Standing {
	/** The view people are shown. */
	present(): MeshView;
	/** The thread's own; null: it has told none. */
	readonly view: MeshView | null;
	readonly code: MeshView["pairing"];
	/** How safe a batch is, as far as was told. */
	levelOf(batchId: string): Durability;
	watch(listener: (view: MeshView) => void): () => void;
	/** The thread told something. */
	take(message: Extract<FromNode, { kind: "view" | "code" | "durability" }>): void;
	setCode(code: MeshView["pairing"]): void;
	/** The thread is gone, and all it told with it. */
	forget(): void;
	/** Something else about it has changed. */
	tell(): void;
}

/** What it is made of. */
export interface StandingDeps {
	/** The view of a machine by itself. */
	readonly alone: () => MeshView;
	readonly isOn: () => boolean;
	/** Why the thread is not there although it should be. */
	readonly trouble: () => string | null;
}

const PENDING: Durability = { level: 1, reason: "pending" };

/** Nothing was told yet. */
export function createStanding({ alone, isOn, trouble }: StandingDeps): Standing {
	const listeners = createListeners<[MeshView]>();
	const levels = new Map<string, Durability>();
	let view: MeshView | null = null;
	let code: MeshView["pairing"] = null;

	function present(): MeshView {
		if (isOn() && view !== null) return { ...view, trouble: trouble() ?? view.trouble };
		return { ...alone(), is_on: isOn(), trouble: trouble() };
	}

	const tell = (): void => listeners.tell(present());
	return {
		present,
		get view() {
			return view;
		},
		get code() {
			return code;
		},
		levelOf: (batchId) => levels.get(batchId) ?? PENDING,
		watch: listeners.watch,
		take(message) {
			if (message.kind === "view") view = message.view;
			else if (message.kind === "code") code = message.code;
			else for (const [batchId, level] of message.levels) levels.set(batchId, level);
			tell();
		},
		setCode(next) {
			code = next;
		},
		forget() {
			view = null;
			code = null;
			tell();
		},
		tell,
	};
}
