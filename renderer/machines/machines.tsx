/** The machines that work: what each does now and why not, how it does, and who belongs together. Owns no state of theirs. */
import { Plus } from "lucide-react";
import { useState } from "react";
import { useBatches } from "../state/batches.ts";
import { useMesh } from "../state/machines.ts";
import { Button, Failure, Loading, PageHeader, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { GpuPackCards } from "./gpu-pack-cards.tsx";
import { MachineActions } from "./machine-actions.tsx";
import { listMachines } from "./machine-cards.ts";
import { MachinePanel } from "./machine-panel.tsx";
import { MeshNotices } from "./mesh-notices.tsx";
import { MissingMachine } from "./missing-machine.tsx";
import { PairDialog } from "./pair-dialog.tsx";
import { PeerPanel } from "./peer-panel.tsx";
import { listPeers, worksOn } from "./peers.ts";
import { useMachine } from "./use-machine.ts";

/** The screen. */
export function Machines() {
	const { status, error } = useMachine();
	const mesh = useMesh();
	const jobs = useBatches((state) => state.byId);
	const [isPairing, setIsPairing] = useState(false);
	const self = mesh?.machines.find((machine) => machine.is_self) ?? null;
	const hasOthers = mesh !== null && mesh.machines.length > 1;
	const nameOfJob = (id: string): string | null => jobs.get(id)?.input_filename ?? null;
	const peers = mesh === null ? [] : listPeers(mesh, nameOfJob, Date.now());
	return (
		<>
			<PageHeader title={words.machines.title}>
				{hasOthers && (
					<Button icon={<Plus aria-hidden className="size-3.5" />} onClick={() => setIsPairing(true)}>
						{words.mesh.pairAction}
					</Button>
				)}
			</PageHeader>
			{mesh !== null && <MeshNotices view={mesh} onPair={() => setIsPairing(true)} />}
			{status === null && (error === null ? <Loading /> : <Failure error={error} />)}
			{status !== null && (
				<ul aria-label={words.machines.list} className="flex flex-col gap-4">
					{listMachines(status).map((card) => (
						<li key={card.id}>
							<MachinePanel
								card={hasOthers && self !== null ? { ...card, name: self.name } : card}
								{...(hasOthers && self !== null ? { work: worksOn(self, nameOfJob) } : {})}
								tags={hasOthers && self?.is_host === true && <Tag tone="accent">{words.mesh.host}</Tag>}
								menu={hasOthers && self !== null && <MachineActions {...self} isSelf isHost={self.is_host} isOnline />}
							/>
						</li>
					))}
					{peers.map((card) => (
						<li key={card.id}>
							<PeerPanel card={card} />
						</li>
					))}
				</ul>
			)}
			<div className="mt-4 flex flex-col gap-4 empty:hidden">
				{hasOthers && <MissingMachine />}
				<GpuPackCards />
			</div>
			{isPairing && <PairDialog onClose={() => setIsPairing(false)} />}
		</>
	);
}
