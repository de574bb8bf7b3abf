import { useState } from "react";
import type { ApiKey, ApiKeyRevoked } from "../../native/contract/contract.ts";
import { call } from "../api/client.ts";
import { useConnection } from "../state/connection.ts";
import { formatMoment } from "../state/format.ts";
import { Button, Confirm } from "../ui/ui.ts";
import { words } from "../words/words.ts";

const text = words.settings.api;

/** A key and the way to take it back. */
export function KeyRow({
	apiKey,
	isLast,
	onRevoked,
}: {
	readonly apiKey: ApiKey;
	readonly isLast: boolean;
	readonly onRevoked: () => void;
}) {
	const isOff = useConnection(({ phase }) => phase === "offline" || phase === "signed-out");
	const [isAsking, setIsAsking] = useState(false);
	const [isBusy, setIsBusy] = useState(false);
	const [fault, setFault] = useState<string | null>(null);
	const revoke = async (): Promise<void> => {
		setIsBusy(true);
		const answer = await call<ApiKeyRevoked>(`/api/keys/${encodeURIComponent(apiKey.id)}`, { method: "DELETE" });
		setIsBusy(false);
		if (!answer.ok) return setFault(answer.error.message);
		setIsAsking(false);
		onRevoked();
	};
	return (
		<li className="flex items-center justify-between gap-4 py-2">
			<span className="min-w-0">
				<span className="font-medium">{apiKey.name}</span>{" "}
				<span className="font-mono text-sm text-muted">{`${apiKey.prefix}…`}</span>
				<span className="block text-sm text-muted">
					{text.made(formatMoment(apiKey.createdAtMs))},{" "}
					{apiKey.lastUsedAtMs === null ? text.neverUsed : text.lastUsed(formatMoment(apiKey.lastUsedAtMs))}
				</span>
			</span>
			<Button tone="danger" disabled={isOff} aria-label={text.revokeKey(apiKey.name)} onClick={() => setIsAsking(true)}>
				{text.revoke}
			</Button>
			<Confirm
				isOpen={isAsking}
				title={text.revokeTitle(apiKey.name)}
				action={text.revoke}
				isBusy={isBusy}
				onConfirm={() => void revoke()}
				onClose={() => setIsAsking(false)}
			>
				<p>{text.revokeBody}</p>
				{isLast && <p className="mt-2">{text.revokeLast}</p>}
				{fault !== null && (
					<p role="alert" className="mt-2 text-bad">
						{fault}
					</p>
				)}
			</Confirm>
		</li>
	);
}
