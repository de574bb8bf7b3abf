import { Check, CircleAlert, Trash2 } from "lucide-react";
import { useState } from "react";
import type { MachineModel } from "../../native/contract/contract.ts";
import type { Answer } from "../api/client.ts";
import { formatBytes } from "../state/format.ts";
import { changeSettings } from "../state/settings.ts";
import { Confirm, Failure, Menu, say, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { deleteModel } from "./model-commands.ts";
import { factsOf, fitTone, patchFor, roleChoices, speedOf } from "./model-list.ts";

const text = words.models.here;

/** A model of this machine: what it is, whether it fits, how fast it is, what it is used as. */
export function ModelRow({ model, onChanged }: { readonly model: MachineModel; readonly onChanged: () => void }) {
	const { isBusy, isAsking, setAsking, refused, run } = useChanges(onChanged);
	const choices = roleChoices(model);
	const entries = [
		...choices.map(({ role, isHeld, label }) => ({
			label,
			icon: <Check aria-hidden className={isHeld ? "size-3.5" : "invisible size-3.5"} />,
			isDisabled: isBusy,
			onChoose: () => void run(() => changeSettings(patchFor(role, isHeld ? null : model.name))),
		})),
		...(model.can_delete
			? [
					{
						label: text.delete,
						icon: <Trash2 aria-hidden className="size-3.5" />,
						isDisabled: isBusy,
						isDangerous: true,
						onChoose: () => setAsking(true),
					},
				]
			: []),
	];
	const remove = async (): Promise<void> => {
		if (await run(() => deleteModel(model))) say(words.models.remove.done(model.name));
	};

	return (
		<div className="py-3">
			<div className="flex items-start gap-2">
				<div className="grid min-w-0 grow gap-x-6 gap-y-1.5 @2xl:grid-cols-[minmax(0,1fr)_19rem]">
					<What model={model} />
					<HowWell model={model} />
				</div>
				{entries.length > 0 ? (
					<div className="-my-1.5 -mr-1.5">
						<Menu label={text.actions(model.name)} entries={entries} />
					</div>
				) : (
					<div className="-mr-1.5 w-8" />
				)}
			</div>
			{refused !== null && (
				<div className="mt-2">
					<Failure error={refused} />
				</div>
			)}
			<Confirm
				isOpen={isAsking}
				title={words.models.remove.title(model.name)}
				action={words.models.remove.action}
				isBusy={isBusy}
				onConfirm={() => void remove()}
				onClose={() => setAsking(false)}
			>
				<p>{words.models.remove.body(formatBytes(model.size_bytes))}</p>
				{model.roles.length > 0 && (
					<p className="mt-2">{words.models.remove.roles(model.roles.map((role) => text.roles[role]).join(", "))}</p>
				)}
			</Confirm>
		</div>
	);
}

/** One change after the other; a refusal stays in sight until the next one. */
function useChanges(onChanged: () => void) {
	const [isBusy, setBusy] = useState(false);
	const [isAsking, setAsking] = useState(false);
	const [refused, setRefused] = useState<Extract<Answer<never>, { ok: false }>["error"] | null>(null);
	const run = async (change: () => Promise<Answer<unknown>>): Promise<boolean> => {
		setBusy(true);
		const answer = await change();
		setBusy(false);
		setAsking(false);
		setRefused(answer.ok ? null : answer.error);
		if (answer.ok) onChanged();
		return answer.ok;
	};
	return { isBusy, isAsking, setAsking, refused, run };
}

function What({ model }: { readonly model: MachineModel }) {
	return (
		<div className="min-w-0">
			<p className="flex flex-wrap items-center gap-x-2 gap-y-1">
				<span className="font-medium" title={model.path}>
					{model.name}
				</span>
				{model.roles.map((role) => (
					<Tag key={role} tone="accent">
						{text.roles[role]}
					</Tag>
				))}
			</p>
			<p className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-0.5 text-sm text-muted">
				<Tag>{text.places[model.place]}</Tag>
				{[...factsOf(model), ...(model.is_embedding ? [text.embedding] : [])].map((fact) => (
					<span key={fact} className="whitespace-nowrap">
						{fact}
					</span>
				))}
			</p>
		</div>
	);
}

function HowWell({ model }: { readonly model: MachineModel }) {
	if (model.problem !== null) {
		return (
			<p className="flex min-w-0 items-start gap-1.5 text-sm text-bad">
				<CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
				<span className="min-w-0">{model.problem}</span>
			</p>
		);
	}
	return (
		<div className="min-w-0 text-sm text-muted">
			<p className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5">
				<Tag tone={fitTone(model.fit.kind)}>{text.fits[model.fit.kind]}</Tag>
				<span className={model.measured_tokens_per_second === null ? "" : "text-text"} title={text.speedHint}>
					{speedOf(model)}
				</span>
			</p>
			<p className="mt-0.5">{model.fit.words}</p>
		</div>
	);
}
