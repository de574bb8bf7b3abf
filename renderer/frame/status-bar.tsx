import { Moon, Pause, Play, Snowflake } from "lucide-react";
import type { MachineStatus, Rest, RestRequest, Verdict } from "../../native/contract/contract.ts";
import { call } from "../api/client.ts";
import { usePresent } from "../state/present.ts";
import { IconButton, Menu, say } from "../ui/ui.ts";
import { words } from "../words/words.ts";

const snoozes = ["1h", "3h", "12h", "tomorrow"] as const;

/** Whether batch work may run now and why not, on every screen; and the owner's word about it. */
export function StatusBar() {
	const machine = usePresent((state) => state.machine);
	const engine = usePresent((state) => state.engine);
	// Work that has stepped back for something else can't be frozen for a request as well.
	const mayWork = machine?.verdict.rung === "run" || machine?.verdict.rung === "freeze";
	const frozenMs = mayWork && engine?.isAside === true ? engine.handBackMs : null;
	const said = words.common;
	return (
		// It keeps its place before there is anything to say, so that nothing jumps.
		<footer className="flex h-9 shrink-0 items-center justify-between gap-2 border-t border-line bg-surface pr-2 pl-3 text-sm wide:pr-3 wide:pl-6">
			<p role="status" className="flex min-w-0 items-center gap-2 text-muted">
				{machine !== null && (
					<Reason verdict={machine.verdict} aside={frozenMs === null ? null : said.batchFrozen(frozenMs)} />
				)}
			</p>
			{machine !== null && <RestControls rest={machine.rest} />}
		</footer>
	);
}

function Reason({ verdict, aside }: { readonly verdict: Verdict; readonly aside: string | null }) {
	const whole = aside === null ? verdict.reason : `${aside}: ${verdict.reason.replace(/^frozen: /, "")}`;
	return (
		<>
			<RungIcon rung={verdict.rung} />
			<span className="truncate" title={whole}>
				{whole}
			</span>
		</>
	);
}

function RestControls({ rest }: { readonly rest: Rest }) {
	const said = words.common;
	const isResting = rest.isPaused || rest.snoozedUntilMs !== null;
	return (
		<span className="flex shrink-0 items-center">
			{isResting && (
				<IconButton label={said.resumeAll} onClick={() => void setRest({ action: "resume" })}>
					<Play aria-hidden className="size-4" />
				</IconButton>
			)}
			<Menu
				label={said.restMenu}
				entries={[
					...(isResting ? [{ label: said.resumeAll, onChoose: () => void setRest({ action: "resume" }) }] : []),
					...snoozes.map((time) => ({
						label: `${said.snooze} ${said.snoozeFor[time]}`,
						onChoose: () => void setRest({ action: "snooze", for: time }),
					})),
					{ label: said.pauseAll, isDisabled: rest.isPaused, onChoose: () => void setRest({ action: "pause" }) },
				]}
			/>
		</span>
	);
}

function RungIcon({ rung }: Pick<Verdict, "rung">) {
	const look = "size-3.5 shrink-0";
	switch (rung) {
		case "run":
			return <Play aria-hidden className={`${look} text-good`} />;
		case "freeze":
			return <Snowflake aria-hidden className={`${look} text-accent`} />;
		case "yield":
			return <Pause aria-hidden className={`${look} text-warn`} />;
		case "leave":
			return <Moon aria-hidden className={`${look} text-muted`} />;
		default:
			return rung satisfies never;
	}
}

async function setRest(request: RestRequest): Promise<void> {
	const answer = await call<MachineStatus>("/api/rest", { body: request });
	if (answer.ok) usePresent.setState({ machine: answer.value });
	else say(answer.error.message);
}
