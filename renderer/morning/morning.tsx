/** What was done while nobody looked, as a page one could print. Owns nothing: the report is the service's. */
import { Sunrise } from "lucide-react";
import type { NightReport } from "../../native/contract/contract.ts";
import { formatMoment } from "../state/format.ts";
import { useResource } from "../state/resource.ts";
import { go, routeTo } from "../state/route.ts";
import { useWhenBack } from "../state/when-back.ts";
import { Button, Card, Empty, Failure, Loading, Notice, PageHeader } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { AsidePart } from "./aside-part.tsx";
import { BatchesPart } from "./batches-part.tsx";
import { EnergyPart } from "./energy-part.tsx";
import { Figures } from "./figures.tsx";
import { isEmptyNight } from "./report-sums.ts";

const text = words.morning;

/** The screen. */
export function Morning() {
	const { resource, reload } = useResource<NightReport>("/api/reports/last-night");
	useWhenBack(reload);
	switch (resource.state) {
		case "loading":
			return (
				<>
					<PageHeader title={text.title} />
					<Loading />
				</>
			);
		case "failed":
			return (
				<>
					<PageHeader title={text.title} />
					<Failure error={resource.error} onRetry={reload} />
				</>
			);
		case "there":
			return <Report report={resource.value} />;
		default:
			return resource satisfies never;
	}
}

function Report({ report }: { readonly report: NightReport }) {
	const night = text.night(formatMoment(report.from * 1_000), formatMoment(report.to * 1_000));
	return (
		<article>
			<PageHeader title={text.title}>
				<p className="text-muted">{night}</p>
			</PageHeader>
			{isEmptyNight(report) ? (
				<Card label={text.title}>
					<Empty
						icon={<Sunrise aria-hidden className="size-7" />}
						title={text.nothingTitle}
						actions={<Button onClick={() => go("home")}>{text.toHome}</Button>}
					>
						{text.nothingBody}
					</Empty>
				</Card>
			) : (
				<div className="flex flex-col gap-4">
					<Attention attention={report.attention} />
					<Figures report={report} />
					<BatchesPart report={report} />
					<div className="grid items-start gap-4 wide:grid-cols-2">
						<EnergyPart report={report} />
						<AsidePart yields={report.yields} />
					</div>
				</div>
			)}
		</article>
	);
}

function Attention({ attention }: Pick<NightReport, "attention">) {
	if (attention.length === 0) return null;
	return (
		<Notice tone="warn" title={text.attention}>
			<ul className="mt-0.5 flex flex-col gap-0.5">
				{attention.map(({ batch_id, message }) => (
					<li key={batch_id}>
						<a className="underline decoration-faint underline-offset-2" href={routeTo("jobs", batch_id)}>
							{message}
						</a>
					</li>
				))}
			</ul>
		</Notice>
	);
}
