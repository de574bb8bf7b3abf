import { StackedBar } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { Facts } from "./facts.tsx";
import type { GpuCard, ProcessRow } from "./gpu-card.ts";

const text = words.machines;
const dots = ["bg-accent", "bg-warn", "bg-sunken border border-line"] as const;

/** One GPU: its memory, how it does, who uses it. */
export function GpuPanel({ gpu }: { readonly gpu: GpuCard }) {
	return (
		<section className="min-w-0">
			<h3 className="mb-2 flex flex-wrap justify-between gap-x-3 text-sm font-semibold">
				{gpu.name}
				{gpu.memory !== null && <span className="font-normal text-muted">{`${text.memory} ${gpu.memory.total}`}</span>}
			</h3>
			{gpu.memory === null ? (
				<p className="mb-3 text-muted">{text.memoryUnknown}</p>
			) : (
				<Memory gpu={gpu} memory={gpu.memory} />
			)}
			<Facts facts={gpu.facts} />
			<h4 className="mt-3 mb-1 text-sm font-semibold">{text.processes}</h4>
			<Processes processes={gpu.processes} />
		</section>
	);
}

function Memory({ gpu, memory }: { readonly gpu: GpuCard; readonly memory: NonNullable<GpuCard["memory"]> }) {
	const spoken = `${text.memoryOf(gpu.name)}: ${memory.parts.map(({ label }) => label).join(", ")}, ${memory.total}`;
	const [, , free = memory.parts.at(-1)] = memory.parts;
	return (
		<div className="mb-3">
			<StackedBar label={spoken} parts={memory.parts.filter((part) => part !== free)} />
			<p aria-hidden className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 text-sm text-muted">
				{memory.parts.map((part, index) => (
					<span key={part.label} className="flex items-center gap-1.5">
						<span
							className={`size-2 rounded-full ${part === free ? dots[2] : part.tone === "neutral" ? "bg-strong-line" : dots[index]}`}
						/>
						{part.label}
					</span>
				))}
			</p>
		</div>
	);
}

function Processes({ processes }: { readonly processes: readonly ProcessRow[] | null }) {
	if (processes === null) return <p className="text-muted">{text.processesUnknown}</p>;
	if (processes.length === 0) return <p className="text-muted">{text.noProcesses}</p>;
	return (
		<ul className="flex flex-col gap-0.5">
			{processes.map((row) => (
				<li key={row.pid} className="flex justify-between gap-4">
					<span className="min-w-0 truncate" title={text.processId(row.pid)}>
						<span className={row.isOurs ? "text-accent" : ""}>{row.name}</span>
					</span>
					<span className="shrink-0 text-muted">{row.use}</span>
				</li>
			))}
		</ul>
	);
}
