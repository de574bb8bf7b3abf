import type { ApiFailure } from "../api/client.ts";
import { Button, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { DiscardButton } from "./discard-button.tsx";
import { rehearse } from "./drafts.ts";
import { readOptions } from "./options.ts";
import { OptionsForm } from "./options-form.tsx";
import { type FileCard, fileIdOf, needsTemplate } from "./store.ts";
import { TemplateForm } from "./template-form.tsx";

/** A file that waits for somebody's choice before it can be rehearsed. */
export function StoredView({ card, error }: { readonly card: FileCard; readonly error: ApiFailure | null }) {
	const canRehearse = areGood(card);
	return (
		<form
			className="flex flex-col gap-4"
			onSubmit={(event) => {
				event.preventDefault();
				void rehearse(card.key);
			}}
		>
			{error !== null && <Notice tone="bad">{error.message}</Notice>}
			{card.table !== null && <TemplateForm card={card} table={card.table} />}
			<OptionsForm card={card} isOpenAtFirst={card.table === null} />
			<div className="flex flex-wrap justify-end gap-2">
				<DiscardButton card={card} />
				<Button type="submit" tone="primary" disabled={!canRehearse}>
					{words.drop.rehearse}
				</Button>
			</div>
		</form>
	);
}

/** Whether a card's choices can be taken as they are. */
export function areGood(card: FileCard): boolean {
	const fileId = fileIdOf(card) ?? "";
	return readOptions(card.options, { fileId, isTable: needsTemplate(card), nowMs: Date.now() }).ok;
}
