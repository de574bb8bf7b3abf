import type { ReactNode } from "react";
import type { MachineSource } from "../../native/contract/contract.ts";
import { useBatches } from "../state/batches.ts";
import { formatCount, formatMoment, formatPercent } from "../state/format.ts";
import { usePresent } from "../state/present.ts";
import { routeTo } from "../state/route.ts";
import { Card, Disclosure, join, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { type Fact, Facts } from "./facts.tsx";
import { GpuPanel } from "./gpu-panel.tsx";
import { capital, type MachineCard } from "./machine-cards.ts";
import { workingOn } from "./working-on.ts";

const text = words.machines;

/** One machine. */
export function MachinePanel({
	card,
	work,
	tags,
	menu,
}: {
	readonly card: MachineCard;
	/** What it works on, where machines share the work; absent: whatever gets done is done here. */
	readonly work?: string | null;
	/** What it is among others, beside its name. */
	readonly tags?: ReactNode;
	/** What can be done to it among others. */
	readonly menu?: ReactNode;
}) {
	const models = useModelsInMemory(card.isThis);
	return (
		<Card
			title={
				<span className="flex flex-wrap items-center gap-x-2 gap-y-1">
					<span className="text-lg font-semibold">{card.name}</span>
					{card.isThis && <Tag>{text.thisMachine}</Tag>}
					{tags}
				</span>
			}
			actions={
				<>
					<Tag tone={card.tone}>{card.state}</Tag>
					{menu}
				</>
			}
		>
			<p className="text-lg">{card.reason}</p>
			{card.isThis && work === undefined && <WorksOn rung={card.rung} />}
			{work !== undefined && work !== null && <p className="mt-0.5">{work}</p>}
			<Why card={card} />
			<div
				className={join(
					"mt-5 grid gap-x-10 gap-y-6",
					card.gpus.length === 0 ? "max-w-xl" : "wide:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]",
				)}
			>
				{card.gpus.length > 0 && (
					<div className="flex min-w-0 flex-col gap-6">
						{card.gpus.map((gpu) => (
							<GpuPanel key={gpu.id} gpu={gpu} />
						))}
					</div>
				)}
				<section className="min-w-0">
					<h3 className="mb-2 text-sm font-semibold">{text.computer}</h3>
					{card.gpus.length === 0 && <p className="mb-2 text-muted">{text.noGpu}</p>}
					<Facts facts={[...models, ...card.facts]} />
				</section>
			</div>
			<div className="mt-5">
				<Disclosure label={text.sources}>
					<Sources sources={card.sources} />
				</Disclosure>
			</div>
		</Card>
	);
}

/** The batch that is worked on, or was until something came up. */
function WorksOn({ rung }: Pick<MachineCard, "rung">) {
	const batch = useBatches((state) => workingOn(state, Date.now()));
	if (batch === null) return null;
	const { total, completed, failed } = batch.request_counts;
	return (
		<p className="mt-0.5">
			{`${rung === "run" ? text.worksOn : text.inHand} `}
			<a className="text-accent underline underline-offset-2" href={routeTo("jobs", batch.id)}>
				{batch.input_filename ?? batch.id}
			</a>
			<span className="text-muted">{`, ${text.linesOf(formatCount(completed + failed), formatCount(total))}`}</span>
		</p>
	);
}

/** What keeps work from running, unless the reason alone says all of it. */
function Why({ card }: { readonly card: MachineCard }) {
	if (card.causes.length === 0) {
		return card.shareFraction === null ? null : (
			<p className="mt-0.5 text-muted">{text.shareOfGpu(formatPercent(card.shareFraction))}</p>
		);
	}
	const [first] = card.causes;
	// Where all of them are gone the reason tells when work comes back.
	const isOver = card.causes.every(({ isGone }) => isGone);
	return (
		<div className="mt-0.5 text-muted">
			<p>
				{card.causes.length === 1 && first !== undefined && `${text.sinceThen(formatMoment(first.sinceMs))} `}
				{!isOver && (card.untilMs === null ? text.nobodyKnowsWhen : text.backAt(formatMoment(card.untilMs)))}
			</p>
			{card.causes.length > 1 && <Causes causes={card.causes} />}
		</div>
	);
}

function Causes({ causes }: Pick<MachineCard, "causes">) {
	return (
		<ul aria-label={text.causes} className="mt-2 flex max-w-xl flex-col gap-0.5 border-l-2 border-line pl-3">
			{causes.map((cause) => (
				<li key={cause.kind} className="flex flex-wrap justify-between gap-x-4">
					<span className="text-text">{capital(cause.words)}</span>
					<span className="text-sm">
						{cause.untilMs === null ? text.since(formatMoment(cause.sinceMs)) : text.until(formatMoment(cause.untilMs))}
					</span>
				</li>
			))}
		</ul>
	);
}

/** The models in this machine's memory, as far as the service has told them. */
function useModelsInMemory(isThis: boolean): readonly Fact[] {
	const engine = usePresent((state) => state.engine);
	if (!isThis || engine === null) return [];
	const problems = engine.models.flatMap(({ problem }) => problem ?? []);
	const models = engine.models.map(({ name, state, progress }) => {
		switch (state) {
			case "loading":
				return text.loading(name, progress === null ? null : formatPercent(progress));
			case "ready":
				return name;
			case "restarting":
			case "failed":
			case "leaving":
				return `${name}, ${text.modelState[state]}`;
			default:
				return state satisfies never;
		}
	});
	return [
		{
			label: text.inMemory,
			value: models.length === 0 ? text.nothingInMemory : models.join("; "),
			detail: problems.length === 0 ? null : problems.join(" "),
		},
	];
}

function Sources({ sources }: { readonly sources: readonly MachineSource[] }) {
	return (
		<ul className="flex flex-col gap-1.5">
			{sources.map((source) => (
				<li key={source.name} className="grid gap-x-4 wide:grid-cols-[10rem_1fr]">
					<span className="font-medium">{source.name}</span>
					<span className="text-muted">
						{source.state !== "answers" && (
							<>
								<Tag tone={source.state === "failed" ? "warn" : "neutral"}>{text.sourceState[source.state]}</Tag>{" "}
							</>
						)}
						{source.detail}
					</span>
				</li>
			))}
		</ul>
	);
}
