import { useConnection } from "../state/connection.ts";
import { CopyButton, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** What is wrong with the connection to the service; nothing where nothing is. */
export function Connection() {
	const phase = useConnection((state) => state.phase);
	switch (phase) {
		case "connecting":
		case "online":
			return null;
		case "offline":
			return (
				<div className="mx-auto w-full max-w-5xl px-3 pt-3 wide:px-6 wide:pt-4">
					<Notice tone="warn" title={words.common.offlineTitle}>
						{words.common.offlineBody}
					</Notice>
				</div>
			);
		case "signed-out":
			return (
				<main className="mx-auto flex max-w-md grow flex-col justify-center gap-3 p-6">
					<h1 className="text-xl font-semibold">{words.common.signedOutTitle}</h1>
					<p className="text-muted">{words.common.signedOutBody}</p>
					<div className="flex items-center justify-between rounded-md bg-sunken py-1 pr-1 pl-3 font-mono">
						{words.common.signedOutCommand}
						<CopyButton text={words.common.signedOutCommand} isIcon />
					</div>
				</main>
			);
		default:
			return phase satisfies never;
	}
}
