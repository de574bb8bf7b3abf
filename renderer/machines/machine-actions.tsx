import { Crown, LogOut, Trash2 } from "lucide-react";
import { useState } from "react";
import { Confirm, Menu } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { makeHost, removeMachine } from "./mesh-commands.ts";

const text = words.mesh;

/** What can be done to a machine among others. */
export interface MachineActionsProps {
	readonly id: string;
	readonly name: string;
	/** The one that serves this page. */
	readonly isSelf?: boolean;
	readonly isHost: boolean;
	readonly isOnline: boolean;
}

/** A machine's menu, and the question before it is removed. */
export function MachineActions({ id, name, isSelf = false, isHost, isOnline }: MachineActionsProps) {
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
			<Menu
				label={text.actions(name)}
				entries={[
					{
						label: isSelf ? text.makeThisHost : text.makeHost,
						icon: <Crown aria-hidden className="size-3.5" />,
						isDisabled: isBusy || isHost || !isOnline,
						onChoose: () => void run(() => makeHost(id, name)),
					},
					{
						label: isSelf ? text.leave : text.remove,
						icon: isSelf ? <LogOut aria-hidden className="size-3.5" /> : <Trash2 aria-hidden className="size-3.5" />,
						isDisabled: isBusy,
						isDangerous: true,
						onChoose: () => setIsAsking(true),
					},
				]}
			/>
			<Confirm
				isOpen={isAsking}
				title={isSelf ? text.leaveTitle : text.removeTitle(name)}
				action={isSelf ? text.leaveAction : text.removeAction}
				isBusy={isBusy}
				onConfirm={() => void run(() => removeMachine(id, isSelf ? text.left : text.removed(name)))}
				onClose={() => setIsAsking(false)}
			>
				{isSelf ? text.leaveBody : text.removeBody(name)}
			</Confirm>
		</>
	);
}
