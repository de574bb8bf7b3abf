import { Pencil, Trash2 } from "lucide-react";
import { type FormEvent, memo, useState } from "react";
import { go, parseRoute } from "../state/route.ts";
import { Button, Confirm, Dialog, Field, Menu, Notice, say, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { MOST_TITLE_LENGTH } from "./conversation.ts";
import { remove, rename } from "./work.ts";

const said = words.chat.threads;

/** Rename and delete a conversation. */
export const ThreadActions = memo(function ThreadActions(props: { readonly id: string; readonly title: string }) {
	const { id, title } = props;
	const [asked, setAsked] = useState<"rename" | "delete" | null>(null);
	const [isBusy, setIsBusy] = useState(false);
	const [fault, setFault] = useState<string | null>(null);
	const close = (): void => {
		setAsked(null);
		setFault(null);
	};
	const removeNow = async (): Promise<void> => {
		setIsBusy(true);
		const gone = await remove(id);
		setIsBusy(false);
		if (!gone.ok) return setFault(gone.error.message);
		close();
		say(said.deleted);
		const route = parseRoute(location.hash);
		if (route.screen === "chat" && route.id === id) go("chat");
	};
	return (
		<>
			<Menu
				label={said.actions(title)}
				entries={[
					{ label: said.rename, icon: <Pencil aria-hidden className="size-3.5" />, onChoose: () => setAsked("rename") },
					{
						label: said.delete,
						icon: <Trash2 aria-hidden className="size-3.5" />,
						isDangerous: true,
						onChoose: () => setAsked("delete"),
					},
				]}
			/>
			{asked === "rename" && <Rename id={id} title={title} onClose={close} />}
			<Confirm
				isOpen={asked === "delete"}
				title={said.deleteTitle(title)}
				action={words.common.delete}
				isBusy={isBusy}
				onConfirm={() => void removeNow()}
				onClose={close}
			>
				{said.deleteBody}
				{fault !== null && <Notice tone="bad">{fault}</Notice>}
			</Confirm>
		</>
	);
});

function Rename({ id, title, onClose }: { readonly id: string; readonly title: string; readonly onClose: () => void }) {
	const [text, setText] = useState(title);
	const submit = (event: FormEvent): void => {
		event.preventDefault();
		if (text.trim() === "") return;
		void rename(id, text.trim());
		onClose();
	};
	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={said.renameTitle}
			actions={
				<>
					<Button onClick={onClose}>{words.common.cancel}</Button>
					<Button type="submit" form="rename-chat" tone="primary" disabled={text.trim() === ""}>
						{words.common.save}
					</Button>
				</>
			}
		>
			<form id="rename-chat" onSubmit={submit}>
				<Field label={said.renameLabel}>
					<TextInput value={text} maxLength={MOST_TITLE_LENGTH} onChange={(event) => setText(event.target.value)} />
				</Field>
			</form>
		</Dialog>
	);
}
