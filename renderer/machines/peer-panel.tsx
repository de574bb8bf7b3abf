import { Card, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { Facts } from "./facts.tsx";
import { MachineActions } from "./machine-actions.tsx";
import type { PeerCard } from "./peers.ts";

/** Another machine. */
export function PeerPanel({ card }: { readonly card: PeerCard }) {
	const { id, name, isHost, isOnline } = card;
	return (
		<Card
			title={
				<span className="flex flex-wrap items-center gap-x-2 gap-y-1">
					<span className="text-lg font-semibold break-all">{name}</span>
					{isHost && <Tag tone="accent">{words.mesh.host}</Tag>}
				</span>
			}
			actions={
				<>
					<Tag tone={card.tone}>{card.state}</Tag>
					<MachineActions id={id} name={name} isHost={isHost} isOnline={isOnline} />
				</>
			}
		>
			{card.lines.map((line) => (
				<p key={line}>{line}</p>
			))}
			{card.facts.length > 0 && (
				<div className="mt-4 max-w-xl">
					<Facts facts={card.facts} />
				</div>
			)}
		</Card>
	);
}
