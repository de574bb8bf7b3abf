import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { type FormEvent, useId, useState } from "react";
import type { ApiFailure } from "../api/client.ts";
import { useMesh } from "../state/machines.ts";
import { Button, Failure, Field, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { joinMachine } from "./mesh-commands.ts";
import { readDigits } from "./pairing.ts";

const text = words.mesh.pair;
/** Stands for the address that is typed; no machine's id is empty. */
const TYPED = "";

/** Joins a machine that shows a code: one that is near, or one at an address. */
export function JoinForm({ onJoined }: { readonly onJoined: (name: string) => void }) {
	const strangers = useMesh()?.strangers ?? [];
	const near = strangers.filter((stranger) => stranger.is_pairing);
	const [chosen, setChosen] = useState<string | null>(null);
	const [address, setAddress] = useState("");
	const [code, setCode] = useState("");
	const [isBusy, setIsBusy] = useState(false);
	const [refused, setRefused] = useState<ApiFailure | null>(null);
	// A machine that stopped showing its code is no choice any more; one that comes near does not take the place of what is typed.
	const isTyped = chosen === TYPED || address.trim() !== "";
	const picked = near.find(({ id }) => id === chosen)?.id ?? (isTyped ? TYPED : (near[0]?.id ?? TYPED));
	const digits = readDigits(code);
	const isReady = digits !== null && (picked !== TYPED || address.trim() !== "");
	const join = async (event: FormEvent): Promise<void> => {
		event.preventDefault();
		if (digits === null || isBusy) return;
		setIsBusy(true);
		const answer = await joinMachine({ address: picked === TYPED ? address.trim() : picked, code: digits });
		setIsBusy(false);
		setRefused(answer.ok ? null : answer.error);
		if (answer.ok) onJoined(answer.value.name);
	};
	return (
		<form className="flex flex-col gap-4" onSubmit={(event) => void join(event)}>
			{near.length === 0 ? (
				<p className="text-muted">{text.none}</p>
			) : (
				<Near
					machines={near}
					picked={picked}
					onPick={(id) => {
						setChosen(id);
						setRefused(null);
					}}
				/>
			)}
			{picked === TYPED && (
				<Field label={text.address} hint={text.addressHint}>
					<TextInput autoComplete="off" spellCheck={false} value={address} onValueChange={setAddress} />
				</Field>
			)}
			<Field
				label={text.enter}
				hint={text.enterHint}
				fault={code.replaceAll(/[\s-]/g, "").length > 8 ? text.notACode : null}
			>
				<TextInput
					className="max-w-44 font-mono text-lg tracking-widest"
					inputMode="numeric"
					autoComplete="off"
					value={code}
					onValueChange={setCode}
				/>
			</Field>
			{refused !== null && <Failure error={refused} />}
			<Button type="submit" tone="primary" className="self-end" isBusy={isBusy} disabled={!isReady}>
				{text.action}
			</Button>
		</form>
	);
}

function Near({
	machines,
	picked,
	onPick,
}: {
	readonly machines: readonly { readonly id: string; readonly name: string; readonly address: string }[];
	readonly picked: string;
	readonly onPick: (id: string) => void;
}) {
	const id = useId();
	const choices = [...machines, { id: TYPED, name: text.other, address: "" }];
	return (
		<div>
			<p id={`${id}-near`} className="mb-1 text-sm font-medium">
				{text.near}
			</p>
			<RadioGroup
				aria-labelledby={`${id}-near`}
				value={picked}
				onValueChange={(value) => onPick(choices.find((choice) => choice.id === value)?.id ?? TYPED)}
				className="flex flex-col gap-1"
			>
				{choices.map((choice, index) => (
					// biome-ignore lint/a11y/noLabelWithoutControl: Base UI's radio inside it brings the input.
					<label key={choice.id} className="-mx-2 flex items-start gap-2.5 rounded-md px-2 py-1.5 hover:bg-hover">
						<Radio.Root
							value={choice.id}
							aria-labelledby={`${id}-${index}`}
							className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-strong-line bg-raised data-[checked]:border-accent data-[checked]:bg-accent"
						>
							<Radio.Indicator className="size-1.5 rounded-full bg-on-accent" />
						</Radio.Root>
						<span id={`${id}-${index}`} className="min-w-0">
							<span className="block font-medium break-all">{choice.name}</span>
							{choice.address !== "" && <span className="block text-sm text-muted">{choice.address}</span>}
						</span>
					</label>
				))}
			</RadioGroup>
		</div>
	);
}
