import { useState } from "react";
import type { MachineStatus, RestRequest } from "../../native/contract/contract.ts";
import { type ApiFailure, call } from "../api/client.ts";
import { toneOf, withDot } from "../machines/machine-cards.ts";
import { useMachine } from "../machines/use-machine.ts";
import { useConnection } from "../state/connection.ts";
import { formatMoment } from "../state/format.ts";
import { Button, Card, Failure, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";

const text = words.settings.now;
const snoozes = ["1h", "3h", "12h", "tomorrow"] as const;

/** Whether batch work would run at this moment and why not, and the owner's own word about it. */
export function NowPanel() {
	const { status, error } = useMachine();
	return (
		<Card
			title={text.title}
			{...(status === null
				? {}
				: {
						actions: <Tag tone={toneOf(status.verdict.rung)}>{words.machines.state[status.verdict.rung]}</Tag>,
					})}
		>
			{status === null ? (
				error === null ? (
					<p className="text-muted">{text.asking}</p>
				) : (
					<Failure error={error} />
				)
			) : (
				<>
					<p role="status">{answer(status)}</p>
					<p className="text-sm text-muted">{backAt(status)}</p>
					<Rest rest={status.rest} />
				</>
			)}
		</Card>
	);
}

function answer({ verdict }: MachineStatus): string {
	return verdict.rung === "run" ? text.yes : text.no(withDot(verdict.reason.replace(/^waiting: /, "")));
}

function backAt({ verdict, rest }: MachineStatus): string {
	if (rest.isPaused) return text.paused;
	if (rest.snoozedUntilMs !== null) return text.snoozed(formatMoment(rest.snoozedUntilMs));
	// Where all that kept it is gone the reason tells when it comes back.
	if (verdict.causes.every(({ isGone }) => isGone)) return text.since(formatMoment(verdict.sinceMs));
	return verdict.untilMs === null ? words.machines.nobodyKnowsWhen : text.backAt(formatMoment(verdict.untilMs));
}

function Rest({ rest }: Pick<MachineStatus, "rest">) {
	const isOff = useConnection(({ phase }) => phase === "offline" || phase === "signed-out");
	const [isBusy, setIsBusy] = useState(false);
	const [fault, setFault] = useState<ApiFailure | null>(null);
	const tell = async (request: RestRequest): Promise<void> => {
		setIsBusy(true);
		const said = await call<MachineStatus>("/api/rest", { body: request });
		setIsBusy(false);
		setFault(said.ok ? null : said.error);
	};
	const isResting = rest.isPaused || rest.snoozedUntilMs !== null;
	return (
		<div className="mt-3 flex flex-wrap items-center gap-1.5">
			{isResting && (
				<Button tone="primary" isBusy={isBusy} disabled={isOff} onClick={() => void tell({ action: "resume" })}>
					{text.resume}
				</Button>
			)}
			{!rest.isPaused && (
				<Button isBusy={isBusy} disabled={isOff} onClick={() => void tell({ action: "pause" })}>
					{text.pause}
				</Button>
			)}
			{!isResting && (
				<fieldset className="flex flex-wrap items-center gap-1.5">
					<legend className="sr-only">{text.snooze}</legend>
					<span aria-hidden className="mr-1 text-muted wide:ml-3">
						{text.snooze}
					</span>
					{snoozes.map((time) => (
						<Button
							key={time}
							className="px-2.5"
							aria-label={text.snoozeFor[time]}
							isBusy={isBusy}
							disabled={isOff}
							onClick={() => void tell({ action: "snooze", for: time })}
						>
							{text.snoozeShort[time]}
						</Button>
					))}
				</fieldset>
			)}
			{fault !== null && (
				<div className="basis-full">
					<Failure error={fault} />
				</div>
			)}
		</div>
	);
}
