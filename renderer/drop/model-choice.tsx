import { useEffect, useMemo } from "react";
import type { MachineModelList, ModelList } from "../../native/contract/contract.ts";
import { formatBytes } from "../state/format.ts";
import { type Resource, useResource } from "../state/resource.ts";
import { loadSettings, useSettings } from "../state/settings.ts";
import { type Choice, Field, Select } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { type FileCard, happen, needsTemplate } from "./store.ts";

const w = words.drop;

/** Which model answers. The rows of a table name none: where the owner has no default either, the first model there is is chosen. */
export function ModelChoice({ card }: { readonly card: FileCard }) {
	const known = useResource<MachineModelList>("/api/models");
	// A service that does not know the one knows the other.
	const names = useResource<ModelList>(known.resource.state === "failed" ? "/v1/models" : null);
	const usual = useSettings((state) => (state.values === null ? undefined : state.values.models.default));
	const isTable = needsTemplate(card);
	const { model } = card.options;
	const listed = useMemo(() => choicesOf(known.resource, names.resource), [known.resource, names.resource]);
	const first = listed[0]?.value;
	useEffect(() => {
		if (usual === undefined) void loadSettings();
	}, [usual]);
	const isOpen = isTable && model === "" && usual === null && card.phase.kind === "stored";
	// biome-ignore lint/correctness/useExhaustiveDependencies: chosen once it is known; not again for every other choice.
	useEffect(() => {
		if (isOpen && first !== undefined) choose(card, first);
	}, [isOpen, first]);
	const byItself = { value: "", label: isTable ? w.modelByDefault(usual ?? null) : w.modelByLine };
	const isListed = model === "" || listed.some(({ value }) => value === model);
	const choices = [byItself, ...listed, ...(isListed ? [] : [{ value: model, label: model }])];
	const hint = names.resource.state === "failed" ? w.modelsFailed : isTable ? undefined : w.modelHint;
	return (
		<Field label={w.model} hint={hint}>
			<Select value={model} choices={choices} onChange={(chosen) => choose(card, chosen)} />
		</Field>
	);
}

function choose({ key, options }: FileCard, model: string): void {
	happen({ kind: "chosen", key, options: { ...options, model } });
}

function choicesOf(known: Resource<MachineModelList>, names: Resource<ModelList>): readonly Choice<string>[] {
	if (known.state === "there") {
		return known.value.data
			.filter(({ problem, is_embedding: isEmbedding }) => problem === null && !isEmbedding)
			.map((one) => ({ value: one.name, label: one.name, detail: `${formatBytes(one.size_bytes)}, ${one.fit.words}` }));
	}
	return names.state === "there" ? names.value.data.map(({ id }) => ({ value: id, label: id })) : [];
}
