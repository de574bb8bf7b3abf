import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Download } from "../../native/contract/contract.ts";
import { Button, Field, say, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { isReference, tidyReference } from "./catalogue.ts";
import { startDownload } from "./model-commands.ts";

const text = words.models.more;

/** Any model by its reference. What is wrong with one the service says; it stays until the reference is changed. */
export function ReferenceForm({ onStarted }: { readonly onStarted: (download: Download) => void }) {
	const [reference, setReference] = useState("");
	const [isBusy, setBusy] = useState(false);
	const [fault, setFault] = useState<string | null>(null);
	const form = useRef<HTMLFormElement>(null);
	// The field is the last thing on the screen: what is wrong stands below it, out of sight.
	useEffect(() => {
		if (fault !== null) form.current?.scrollIntoView({ block: "nearest" });
	}, [fault]);
	const start = async (event: FormEvent): Promise<void> => {
		event.preventDefault();
		if (isBusy || !isReference(reference)) return;
		setBusy(true);
		const answer = await startDownload(tidyReference(reference));
		setBusy(false);
		setFault(answer.ok ? null : answer.error.message);
		if (!answer.ok) return;
		setReference("");
		onStarted(answer.value);
		say(text.started(answer.value.name));
	};
	return (
		<form ref={form} onSubmit={(event) => void start(event)} className="scroll-mb-6 border-t border-line pt-4">
			<Field label={text.reference} hint={text.referenceHint} fault={fault}>
				<div className="flex gap-2">
					<TextInput
						value={reference}
						placeholder={text.referenceExample}
						autoComplete="off"
						autoCapitalize="none"
						spellCheck={false}
						className="min-w-0 font-mono"
						onChange={(event) => {
							setReference(event.currentTarget.value);
							setFault(null);
						}}
					/>
					<Button type="submit" isBusy={isBusy} disabled={!isReference(reference)}>
						{text.download}
					</Button>
				</div>
			</Field>
		</form>
	);
}
