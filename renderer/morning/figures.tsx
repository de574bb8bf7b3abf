import type { NightReport } from "../../native/contract/contract.ts";
import { useMachine } from "../machines/use-machine.ts";
import { formatCount, formatDuration, formatRate } from "../state/format.ts";
import { Card } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { tokensPerSecond } from "./report-sums.ts";

const text = words.morning;

/** The night in four figures. */
export function Figures({ report }: { readonly report: NightReport }) {
	const { lines, failed, retries, input_tokens, output_tokens, worked_seconds } = report;
	const { status } = useMachine();
	const rate = tokensPerSecond(report);
	// The report is of this machine's ledger; until there are others, all of it was done here.
	const machine = text.doneBy(status?.name ?? text.thisMachine);
	return (
		<Card label={text.title}>
			<dl className="grid grid-cols-2 gap-x-6 gap-y-5 wide:grid-cols-4">
				<Figure value={formatCount(lines - failed)} label={text.done} details={[machine]} />
				<Figure
					value={formatCount(failed)}
					label={text.failed}
					details={retries === 0 ? [] : [text.retried(formatCount(retries))]}
					isBad={failed > 0}
				/>
				<Figure
					value={formatCount(output_tokens)}
					label={text.tokensWritten}
					details={[text.tokensRead(formatCount(input_tokens))]}
				/>
				<Figure
					value={formatDuration(worked_seconds * 1_000)}
					label={text.worked}
					details={rate === null ? [] : [text.speed(formatRate(rate))]}
				/>
			</dl>
		</Card>
	);
}

function Figure({
	value,
	label,
	details,
	isBad = false,
}: {
	readonly value: string;
	readonly label: string;
	readonly details: readonly string[];
	readonly isBad?: boolean;
}) {
	return (
		<div className="flex min-w-0 flex-col-reverse justify-end">
			<dt>
				{label}
				{details.map((detail) => (
					<span key={detail} className="block text-sm text-muted">
						{detail}
					</span>
				))}
			</dt>
			<dd className={`text-xl font-semibold tracking-tight whitespace-nowrap wide:text-2xl ${isBad ? "text-bad" : ""}`}>
				{value}
			</dd>
		</div>
	);
}
