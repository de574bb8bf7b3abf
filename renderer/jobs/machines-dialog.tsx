import { useState } from "react";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { ChooseMachines } from "../machines/choose-machines.tsx";
import { Button, Dialog, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { chooseMachines } from "./job-commands.ts";
import { nameOf } from "./job-list.ts";

/** Asks which machines may work on a job. */
export function MachinesDialog({
	batch,
	onClose,
	onDone,
}: {
	readonly batch: BatchDetails;
	readonly onClose: () => void;
	readonly onDone: (batch: BatchDetails) => void;
}) {
	const said = words.mesh.choose;
	const [machines, setMachines] = useState(batch.machines);
	const [isBusy, setIsBusy] = useState(false);
	const [fault, setFault] = useState<string | null>(null);
	const save = async (): Promise<void> => {
		setIsBusy(true);
		const answer = await chooseMachines(batch.id, machines);
		setIsBusy(false);
		if (!answer.ok) return setFault(answer.error.message);
		onDone(answer.value);
		onClose();
	};
	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={said.title}
			description={said.body(nameOf(batch))}
			actions={
				<>
					<Button onClick={onClose}>{words.common.cancel}</Button>
					<Button tone="primary" isBusy={isBusy} onClick={() => void save()}>
						{said.action}
					</Button>
				</>
			}
		>
			<ChooseMachines chosen={machines} onChange={setMachines} />
			{fault !== null && (
				<div className="mt-4">
					<Notice tone="bad">{fault}</Notice>
				</div>
			)}
		</Dialog>
	);
}
