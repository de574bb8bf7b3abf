import { memo } from "react";
import type { ThreadOptions } from "../../native/contract/contract.ts";
import { type Choice, Select } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { chatModels, defaultModelOf } from "./request.ts";
import { useChat } from "./store.ts";
import { changeOptions } from "./work.ts";

const said = words.chat.composer;

/** What stands for the owner's default; no model has so short a name. */
const DEFAULT = "";

/** Which model answers; `id` null: a conversation that begins. */
export const ChosenModel = memo(function ChosenModel(props: {
	readonly id: string | null;
	readonly options: ThreadOptions;
}) {
	const { id, options } = props;
	const { model } = options;
	const told = useChat((state) => state.models);
	const models = told.state === "there" ? told.value : [];
	const able = chatModels(models);
	const usual = defaultModelOf(models);
	const choices: Choice<string>[] = [
		{ value: DEFAULT, label: usual === null ? said.noDefault : said.defaultModel(usual) },
		...able.map((one) => {
			const facts = [one.parameters, one.quantization].filter((fact) => fact !== null).join(" · ");
			return { value: one.name, label: one.name, ...(facts === "" ? {} : { detail: facts }) };
		}),
	];
	if (model !== null && !able.some(({ name }) => name === model)) {
		choices.push({ value: model, label: said.missingModel(model) });
	}
	return (
		<Select
			label={said.model}
			value={model ?? DEFAULT}
			choices={choices}
			onChange={(value) => changeOptions(id, { ...options, model: value === DEFAULT ? null : value })}
			className="max-w-60 shrink border-transparent bg-transparent text-sm text-muted"
		/>
	);
});
