import { Pause, Play, RotateCw, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Download } from "../../native/contract/contract.ts";
import type { ApiFailure } from "../api/client.ts";
import { formatBytes } from "../state/format.ts";
import { Button, Confirm, Failure, IconButton, ProgressBar, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { type DownloadAction, describeDownload } from "./downloads.ts";
import { changeDownload } from "./model-commands.ts";
import type { DownloadsHandle } from "./use-downloads.ts";

const text = words.models.downloads;

/** A model on its way here. */
export function DownloadRow({
	download,
	handle,
}: {
	readonly download: Download;
	readonly handle: Pick<DownloadsHandle, "put" | "drop">;
}) {
	const [isBusy, setBusy] = useState(false);
	const [isAsking, setAsking] = useState(false);
	const [refused, setRefused] = useState<ApiFailure | null>(null);
	const view = describeDownload(download);

	const run = async (action: DownloadAction): Promise<void> => {
		setBusy(true);
		const answer = await changeDownload(download.id, action);
		setBusy(false);
		setAsking(false);
		setRefused(answer.ok ? null : answer.error);
		if (!answer.ok) return;
		if (action === "cancel" || action === "dismiss") handle.drop(download.id);
		else handle.put(answer.value);
	};
	/** Only what throws away something that took time is asked about. */
	const choose = (action: DownloadAction): void => {
		if (action === "cancel" && download.received_bytes > 0) setAsking(true);
		else void run(action);
	};

	return (
		<div className="flex flex-col gap-1.5 py-2.5">
			<div className="flex items-start gap-2">
				<p className="min-w-0 grow" title={download.reference}>
					<span className="mr-2 font-medium">{download.name}</span>
					<Tag tone={view.tone}>{view.state}</Tag>
				</p>
				<span className="-my-1.5 -mr-1.5 flex shrink-0 items-center">
					{view.actions.map((action) => (
						<ActionButton key={action} action={action} name={download.name} isBusy={isBusy} onChoose={choose} />
					))}
				</span>
			</div>
			{download.state !== "done" && (
				<ProgressBar label={text.progress(download.name)} fraction={view.fraction} tone={view.tone} />
			)}
			<p className="min-h-4.5 text-sm text-muted">{view.figures.join(" · ")}</p>
			{download.state === "failed" && (
				<p className="text-sm text-bad">{download.problem ?? text.failedWithoutReason}</p>
			)}
			{refused !== null && <Failure error={refused} />}
			<Confirm
				isOpen={isAsking}
				title={text.cancelTitle(download.name)}
				action={text.cancelAction}
				keep={text.cancelKeep}
				isBusy={isBusy}
				onConfirm={() => void run("cancel")}
				onClose={() => setAsking(false)}
			>
				{text.cancelBody(formatBytes(download.received_bytes))}
			</Confirm>
		</div>
	);
}

function ActionButton({
	action,
	name,
	isBusy,
	onChoose,
}: {
	readonly action: DownloadAction;
	readonly name: string;
	readonly isBusy: boolean;
	readonly onChoose: (action: DownloadAction) => void;
}): ReactNode {
	const shared = { disabled: isBusy, onClick: () => onChoose(action) } as const;
	switch (action) {
		case "pause":
			return (
				<IconButton label={text.pause(name)} {...shared}>
					<Pause aria-hidden className="size-4" />
				</IconButton>
			);
		case "resume":
			return (
				<IconButton label={text.resume(name)} {...shared}>
					<Play aria-hidden className="size-4" />
				</IconButton>
			);
		case "try-again":
			return (
				<Button tone="quiet" icon={<RotateCw aria-hidden className="size-3.5" />} {...shared}>
					{text.tryAgain}
				</Button>
			);
		case "cancel":
		case "dismiss":
			return (
				<IconButton label={action === "cancel" ? text.cancel(name) : text.dismiss(name)} {...shared}>
					<X aria-hidden className="size-4" />
				</IconButton>
			);
		default:
			return action satisfies never;
	}
}
