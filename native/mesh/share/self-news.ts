/** What the mesh's thread is told of this machine itself: what others are shown of it, what speaks against it as host, its models. */
import type { MachineAbout, SettingsValues } from "../../contract/contract.ts";
import type { Models } from "../../models/models.ts";
import type { ToNode } from "../node/messages.ts";
import { offeredFiles } from "./machine-files.ts";

/** Tells what is new. */
export interface SelfNews {
	tell(): void;
	/** A thread has begun that knows of nothing. */
	forget(): void;
}

/** What it is made of. */
export interface SelfNewsDeps {
	readonly models: Pick<Models, "list" | "knownDigest">;
	readonly settings: { readonly current: Pick<SettingsValues, "mesh"> };
	about(): MachineAbout;
	handicap(): number;
	post(message: ToNode): void;
}

/** Has told nothing yet. */
export function createSelfNews(deps: SelfNewsDeps): SelfNews {
	/** What was said last of each kind. */
	const said = new Map<ToNode["kind"], string>();

	function say(message: ToNode): void {
		const text = JSON.stringify(message);
		if (said.get(message.kind) === text) return;
		said.set(message.kind, text);
		deps.post(message);
	}

	return {
		tell() {
			deps.post({ kind: "handicap", handicap: deps.handicap() });
			say({ kind: "about", about: deps.about() });
			say(offeredFiles(deps.models, deps.settings.current.mesh.shareModels));
		},
		forget: () => said.clear(),
	};
}
