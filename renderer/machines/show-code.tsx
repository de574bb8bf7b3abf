import { useEffect, useState } from "react";
import type { PairingCode, PairingView } from "../../native/contract/contract.ts";
import type { ApiFailure } from "../api/client.ts";
import { poll } from "../api/poll.ts";
import { useMachines, useMesh } from "../state/machines.ts";
import { usePresent } from "../state/present.ts";
import { Button, CopyButton, Failure, Loading, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { hideCode, showCode } from "./mesh-commands.ts";
import { type CodeState, codeState } from "./pairing.ts";
import { useMachine } from "./use-machine.ts";

const text = words.mesh.pair;
/** The seconds that are left are counted down. */
const TICK_MS = 1_000;

/** Shows a code as long as it is looked at, and what becomes of it. */
export function ShowCode({ onJoined }: { readonly onJoined: (name: string) => void }) {
	const [round, setRound] = useState(0);
	const { state, refused } = useCode(round);
	const joined = state.kind === "joined" ? state.name : null;
	useEffect(() => {
		if (joined !== null) onJoined(joined);
	}, [joined, onJoined]);
	const again = (): void => setRound((before) => before + 1);
	if (refused !== null) return <Failure error={refused} onRetry={again} />;
	switch (state.kind) {
		case "asking":
			return <Loading label={text.asking} />;
		case "shown":
			return <Code state={state} />;
		case "over":
			return (
				<Notice tone="warn" actions={<Button onClick={again}>{text.another}</Button>}>
					{text.over[state.why]}
				</Notice>
			);
		case "joined":
			return null;
		default:
			return state satisfies never;
	}
}

function Code({ state }: { readonly state: Extract<CodeState, { kind: "shown" }> }) {
	const port = useMesh()?.port ?? null;
	const name = useMachine().status?.name ?? null;
	const command = port === null || name === null ? null : text.command(`${name}:${port}`);
	return (
		<>
			<output
				aria-label={text.code}
				className="block py-2 text-center font-mono text-4xl font-semibold tracking-widest select-all"
			>
				{state.code}
			</output>
			{/* Not read out anew each second: who listens hears of wrong tries and of the end. */}
			<p className="text-center text-muted">{text.left(state.secondsLeft)}</p>
			{state.triesLeft !== null && <Notice tone="warn">{text.wrong(state.triesLeft)}</Notice>}
			<p>{text.where}</p>
			{command !== null && (
				<div>
					<p className="mb-1.5">{text.withoutScreen}</p>
					<div className="flex items-center justify-between gap-2 rounded-md bg-sunken py-1 pr-1 pl-2.5">
						<code className="min-w-0 overflow-x-auto text-sm break-all">{command}</code>
						<CopyButton text={command} isIcon />
					</div>
				</div>
			)}
			<p className="text-sm text-muted">{text.tokens}</p>
		</>
	);
}

interface Seen {
	readonly first: PairingCode | null;
	readonly last: PairingCode | null;
	readonly goneAtMs: number | null;
	readonly before: ReadonlySet<string>;
}

const nothingSeen: Seen = { first: null, last: null, goneAtMs: null, before: new Set() };

/** A code of its own for each round, taken back when the round or the showing ends. */
function useCode(round: number): { readonly state: CodeState; readonly refused: ApiFailure | null } {
	const machines = useMachines();
	const [seen, setSeen] = useState(nothingSeen);
	const [refused, setRefused] = useState<ApiFailure | null>(null);
	const [nowMs, setNowMs] = useState(() => Date.now());
	useEffect(() => {
		const tick = setInterval(() => setNowMs(Date.now()), TICK_MS);
		return () => clearInterval(tick);
	}, []);
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new round shows a new code.
	useEffect(() => {
		let isOver = false;
		let stopLooking = (): void => {};
		const before = new Set((usePresent.getState().mesh?.machines ?? []).map(({ id }) => id));
		setSeen(nothingSeen);
		setRefused(null);
		void showCode().then((answer) => {
			if (isOver) return;
			if (!answer.ok) return setRefused(answer.error);
			const { pairing } = answer.value;
			setSeen({ first: pairing, last: pairing, goneAtMs: null, before });
			stopLooking = poll<PairingView>("/api/pairing", (asked) => {
				if (!asked.ok) return true;
				const now = asked.value.pairing;
				setSeen((known) => ({ ...known, last: now ?? known.last, goneAtMs: now === null ? Date.now() : null }));
				return now !== null;
			});
		});
		return () => {
			isOver = true;
			stopLooking();
			void hideCode();
		};
	}, [round]);
	return { state: codeState({ ...seen, machines, nowMs }), refused };
}
