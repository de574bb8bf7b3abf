/** What the list says of each model on this machine, and what it may be used as. Pure. */
import type { MachineModel, MachineModelList, ModelFit, SettingsPatch } from "../../native/contract/contract.ts";
import { formatBytes, formatCount, formatRate } from "../state/format.ts";
import type { Tone } from "../ui/tag.tsx";
import { words } from "../words/words.ts";

/** What a model may be used as. */
export type Role = MachineModel["roles"][number];

/** Something that can be changed about a model's use. */
export interface RoleChoice {
	readonly role: Role;
	/** It has the role now; choosing takes it away. */
	readonly isHeld: boolean;
	readonly label: string;
}

/** Roles of models that write text, in the order they are offered. */
const textRoles = ["default", "chat", "batch"] as const satisfies readonly Role[];
/** All of them in one order. */
const allRoles = [...textRoles, "embedding"] as const satisfies readonly Role[];

/** Models that can be read first, each in the service's order. */
export function orderModels(models: readonly MachineModel[]): readonly MachineModel[] {
	return [...models.filter((model) => model.problem === null), ...models.filter((model) => model.problem !== null)];
}

/** Size and what the file's header tells, each a few words. */
export function factsOf(
	model: Pick<MachineModel, "size_bytes" | "parameters" | "quantization" | "trained_context_tokens">,
): readonly string[] {
	return [
		formatBytes(model.size_bytes),
		...(model.parameters === null ? [] : [model.parameters]),
		...(model.quantization === null ? [] : [model.quantization]),
		...(model.trained_context_tokens === null
			? []
			: [words.models.here.context(formatContext(model.trained_context_tokens))]),
	];
}

/** As models are sold: 131,072 tokens are 128k. */
function formatContext(tokens: number): string {
	if (tokens < 1_024) return formatCount(tokens);
	return words.models.here.thousandTokens(formatCount(Math.round(tokens / 1_024)));
}

/** How fast it is, as far as that was measured. */
export function speedOf({
	measured_tokens_per_second: rate,
}: Pick<MachineModel, "measured_tokens_per_second">): string {
	return rate === null ? words.models.here.notMeasured : words.models.here.speed(formatRate(rate));
}

/** The colour of a fit; its words say the same. */
export function fitTone(kind: ModelFit["kind"]): Tone {
	switch (kind) {
		case "gpu":
			return "good";
		case "partly":
		case "processor":
			return "warn";
		case "too-big":
			return "bad";
		case "unknown":
			return "neutral";
		default:
			return kind satisfies never;
	}
}

/** What can be changed about its use. A role it has can always be taken away; one it can't fill is not offered. */
export function roleChoices(
	model: Pick<MachineModel, "roles" | "is_embedding" | "problem"> & { readonly fit: Pick<ModelFit, "kind"> },
): readonly RoleChoice[] {
	const canWork = model.problem === null && model.fit.kind !== "too-big";
	const fitting: readonly Role[] = model.is_embedding ? ["embedding"] : textRoles;
	return allRoles
		.filter((role) => model.roles.includes(role) || (canWork && fitting.includes(role)))
		.map((role) => {
			const isHeld = model.roles.includes(role);
			return { role, isHeld, label: isHeld ? words.models.here.useNoMore[role] : words.models.here.useAs[role] };
		});
}

/** The change of settings that gives a role to a model, or to none. */
export function patchFor(role: Role, name: string | null): SettingsPatch {
	const models: Partial<Record<Role, string | null>> = { [role]: name };
	return { models };
}

/** Nothing is here but what came with the program. */
export function hasOnlyDemo({ data }: Pick<MachineModelList, "data">): boolean {
	return data.length > 0 && data.every(({ place }) => place === "bundled");
}
