import { useState } from "react";
import type { GpuPack } from "../../native/contract/contract.ts";
import { type Answer, type ApiFailure, call } from "../api/client.ts";
import { formatBytes } from "../state/format.ts";
import { usePresent } from "../state/present.ts";
import { Button, Card, Confirm, Failure, Notice, ProgressBar, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { describePack, type PackAction, type PackCard } from "./gpu-packs.ts";

const text = words.gpuPacks;

/** What would make the GPUs of this machine faster, and what has; nothing where nothing would. */
export function GpuPackCards() {
	const told = usePresent((state) => state.gpuPacks);
	if (told === null) return null;
	return told.data.map((pack) => {
		const card = describePack(pack);
		return card === null ? null : <OnePack key={pack.name} pack={pack} card={card} inUse={told.in_use.words} />;
	});
}

function OnePack({ pack, card, inUse }: { readonly pack: GpuPack; readonly card: PackCard; readonly inUse: string }) {
	const [isBusy, setBusy] = useState(false);
	const [asking, setAsking] = useState<"cancel" | "remove" | null>(null);
	const [refused, setRefused] = useState<ApiFailure | null>(null);
	const run = async (action: PackAction): Promise<void> => {
		setBusy(true);
		const answer = await changePack(pack, action);
		setBusy(false);
		setAsking(null);
		setRefused(answer.ok ? null : answer.error);
		if (answer.ok) putPack(answer.value);
	};
	/** Only what throws away something that took time is asked about. */
	const choose = (action: PackAction): void => {
		if (action === "remove" || (action === "cancel" && receivedBytes(pack) > 0)) setAsking(action);
		else void run(action);
	};
	const { figures, fraction, trouble } = card;
	return (
		<Card title={card.title} actions={<Tag tone={card.tone}>{card.state}</Tag>}>
			<div className="flex flex-col gap-2.5">
				{card.lines.map((line) => (
					<p key={line} className="max-w-3xl">
						{line}
					</p>
				))}
				{trouble !== null && (
					<Notice tone={card.tone === "bad" ? "bad" : "warn"} title={trouble.title}>
						<p className="break-words">{trouble.body}</p>
					</Notice>
				)}
				{fraction !== undefined && (
					<ProgressBar label={text.progress(pack.title)} fraction={fraction} tone={card.tone} />
				)}
				{figures.length > 0 && <p className="text-sm text-muted">{figures.join(" · ")}</p>}
				{trouble === null && <p className="text-sm text-muted">{inUse}</p>}
				{refused !== null && <Failure error={refused} />}
				<div className="flex flex-wrap gap-1.5">
					{card.actions.map(({ action, label }, index) => (
						<Button
							key={action}
							tone={index === 0 && action === "fetch" && trouble === null ? "primary" : "plain"}
							disabled={isBusy}
							onClick={() => choose(action)}
						>
							{label}
						</Button>
					))}
				</div>
			</div>
			<Confirm
				isOpen={asking !== null}
				title={asking === "remove" ? text.removeTitle(pack.title) : text.cancelTitle(pack.title)}
				action={asking === "remove" ? text.removeAction : text.cancelAction}
				keep={text.keep}
				isBusy={isBusy}
				onConfirm={() => void run(asking ?? "cancel")}
				onClose={() => setAsking(null)}
			>
				{asking === "remove"
					? text.removeBody(formatBytes(pack.disk_bytes))
					: text.cancelBody(formatBytes(receivedBytes(pack)))}
			</Confirm>
		</Card>
	);
}

function receivedBytes({ state }: GpuPack): number {
	return "received_bytes" in state ? state.received_bytes : 0;
}

function changePack({ name }: GpuPack, action: PackAction): Promise<Answer<GpuPack>> {
	const path = `/api/gpu-packs/${name}`;
	return action === "remove" ? call(path, { method: "DELETE" }) : call(`${path}/${action}`, { method: "POST" });
}

/** As the service has just told it, until the stream tells more. */
function putPack(pack: GpuPack): void {
	usePresent.setState(({ gpuPacks }) => {
		if (gpuPacks === null) return {};
		const data = gpuPacks.data.map((one) => (one.name === pack.name ? pack : one));
		return { gpuPacks: { ...gpuPacks, data } };
	});
}
