/** What the owner asks of the mesh, handed to the thread; asking to pair switches the mesh on. */
import { err, ok, type Result } from "../../base/base.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Mesh, MeshFault } from "../mesh.ts";
import type { QuestionKind, Questions } from "../node/messages.ts";
import type { NodeLife } from "./node-life.ts";
import type { Standing } from "./standing.ts";

/** What asking is made of. */
export interface OwnerAsksDeps {
	readonly settings: Settings;
	/** This machine is no member any more, and works by itself from now on. */
	readonly forgetIdentity: () => Promise<void>;
	readonly life: NodeLife;
	readonly standing: Standing;
}

type OwnerAsks = Pick<
	Mesh,
	| "showCode"
	| "shownCode"
	| "hideCode"
	| "invite"
	| "join"
	| "joinByToken"
	| "approve"
	| "remove"
	| "addAddress"
	| "handOver"
>;

/** Answers the owner. */
export function createOwnerAsks(deps: OwnerAsksDeps): OwnerAsks {
	const { settings, life, standing } = deps;

	/** Who wants to pair wants others to be found. */
	async function switchOn(): Promise<Result<void, MeshFault>> {
		if (!settings.current.mesh.isOn) {
			const set = await settings.update({ mesh: { isOn: true } });
			if (!set.ok) return err({ kind: "not-stored", message: set.error.message });
		}
		return life.ready();
	}

	async function askOn<Kind extends QuestionKind>(
		question: Kind,
		asked: Questions[Kind]["asked"],
	): Promise<Result<Questions[Kind]["answered"], MeshFault>> {
		const on = await switchOn();
		return on.ok ? life.ask(question, asked) : on;
	}

	return {
		async showCode() {
			const shown = await askOn("show-code", null);
			if (shown.ok) standing.setCode(shown.value);
			return shown;
		},
		shownCode: () => standing.code,
		async hideCode() {
			await life.ask("hide-code", null);
			standing.setCode(null);
		},
		invite: (lifetimeMs) => askOn("invite", { lifetimeMs }),
		join: (address, code) => askOn("join", { address, code }),
		joinByToken: (token) => askOn("join", { token }),
		approve: (id) => done(askOn("approve", { id })),
		async remove(id) {
			const removed = await done(life.ask("remove", { id }));
			if (removed.ok && id === standing.view?.self) await deps.forgetIdentity();
			return removed;
		},
		addAddress: (address) => done(askOn("add-address", { address })),
		handOver: (id) => done(life.ask("hand-over", { id })),
	};
}

async function done(asked: Promise<Result<null, MeshFault>>): Promise<Result<void, MeshFault>> {
	const answered = await asked;
	return answered.ok ? ok(undefined) : answered;
}
