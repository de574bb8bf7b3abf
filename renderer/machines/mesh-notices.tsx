import { Server } from "lucide-react";
import { useState } from "react";
import type { MeshView } from "../../native/contract/contract.ts";
import { routeTo } from "../state/route.ts";
import { Button, Card, Confirm, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { approveMachine, removeMachine, switchOn } from "./mesh-commands.ts";
import { hostLine, isAlone } from "./peers.ts";

const text = words.mesh;

/** How it stands with working together: what it would give, what is in its way, who hands out the work. */
export function MeshNotices({ view, onPair }: { readonly view: MeshView; readonly onPair: () => void }) {
	const line = hostLine(view, Date.now());
	const hasOthers = view.machines.length > 1;
	return (
		<div className="mb-4 flex flex-col gap-3 empty:hidden">
			{!hasOthers && <Offer onPair={onPair} />}
			{view.self !== null && !view.is_on && <SwitchedOff />}
			{view.trouble !== null && (
				<Notice
					tone="warn"
					title={text.trouble}
					actions={
						<a
							className="inline-flex h-8 items-center text-accent underline underline-offset-2"
							href={routeTo("settings", "machines")}
						>
							{text.toSettings}
						</a>
					}
				>
					{view.trouble}
				</Notice>
			)}
			{isAlone(view) && <Notice tone="warn">{text.alone}</Notice>}
			{view.awaiting_approval.map((machine) => (
				<Waiting key={machine.id} {...machine} />
			))}
			{line !== null && <p className="px-1 text-muted">{line}</p>}
		</div>
	);
}

function Offer({ onPair }: { readonly onPair: () => void }) {
	return (
		<Card title={text.offTitle}>
			<p className="max-w-3xl">{text.offBody}</p>
			<div className="mt-3">
				<Button tone="primary" icon={<Server aria-hidden className="size-3.5" />} onClick={onPair}>
					{text.pairAction}
				</Button>
			</div>
		</Card>
	);
}

function SwitchedOff() {
	const [isBusy, setIsBusy] = useState(false);
	const turn = async (): Promise<void> => {
		setIsBusy(true);
		await switchOn();
		setIsBusy(false);
	};
	return (
		<Notice
			title={text.switchedOff}
			actions={
				<Button isBusy={isBusy} onClick={() => void turn()}>
					{text.switchOn}
				</Button>
			}
		>
			{text.switchedOffBody}
		</Notice>
	);
}

/** A machine somebody has to say of whether it may stay. */
function Waiting({ id, name }: MeshView["awaiting_approval"][number]) {
	const [isBusy, setIsBusy] = useState(false);
	const [isAsking, setIsAsking] = useState(false);
	const run = async (ask: () => Promise<unknown>): Promise<void> => {
		setIsBusy(true);
		await ask();
		setIsBusy(false);
		setIsAsking(false);
	};
	return (
		<>
			<Notice
				tone="warn"
				title={text.waitsTitle(name)}
				actions={
					<>
						<Button disabled={isBusy} onClick={() => void run(() => approveMachine(id, name))}>
							{text.approve}
						</Button>
						<Button tone="danger" disabled={isBusy} onClick={() => setIsAsking(true)}>
							{text.remove}
						</Button>
					</>
				}
			>
				{text.waitsBody}
			</Notice>
			<Confirm
				isOpen={isAsking}
				title={text.removeTitle(name)}
				action={text.removeAction}
				isBusy={isBusy}
				onConfirm={() => void run(() => removeMachine(id, text.removed(name)))}
				onClose={() => setIsAsking(false)}
			>
				{text.removeBody(name)}
			</Confirm>
		</>
	);
}
