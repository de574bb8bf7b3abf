/** The machines that work: what each does now and why not, and how it does. Owns no state of theirs. */
import { Failure, Loading, PageHeader } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { GpuPackCards } from "./gpu-pack-cards.tsx";
import { listMachines } from "./machine-cards.ts";
import { MachinePanel } from "./machine-panel.tsx";
import { useMachine } from "./use-machine.ts";

/** The screen. */
export function Machines() {
	const { status, error } = useMachine();
	return (
		<>
			<PageHeader title={words.machines.title} />
			{status === null && (error === null ? <Loading /> : <Failure error={error} />)}
			{status !== null && (
				<ul aria-label={words.machines.list} className="flex flex-col gap-4">
					{listMachines(status).map((card) => (
						<li key={card.id}>
							<MachinePanel card={card} />
						</li>
					))}
				</ul>
			)}
			<div className="mt-4 flex flex-col gap-4 empty:hidden">
				<GpuPackCards />
			</div>
			<p className="mt-4 px-1 text-sm text-muted">{words.machines.addAnother}</p>
		</>
	);
}
