import type { AnswerFigures, ThreadMessage } from "../../native/contract/contract.ts";
import { formatCount, formatPercent, formatRate } from "../state/format.ts";
import { usePresent } from "../state/present.ts";
import { Disclosure } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import type { Running } from "./conversation.ts";
import { RichText } from "./rich-text.tsx";
import { useSecondsSince } from "./seconds.ts";

const said = words.chat.message;

/** What the model said; `running` while it says it. */
export function AnswerView({
	message,
	running,
}: {
	readonly message: ThreadMessage;
	readonly running: Running | null;
}) {
	const { text, thinking, stopped, figures } = message;
	const isThinking = running !== null && running.firstMs !== null && running.textMs === null;
	return (
		<div className="flex flex-col gap-2">
			{thinking !== null && (
				<Disclosure
					label={isThinking && running.firstMs !== null ? <Thinking sinceMs={running.firstMs} /> : said.thoughts}
				>
					<div className="border-l-2 border-line pl-3 text-sm whitespace-pre-wrap text-muted">{thinking.trim()}</div>
				</Disclosure>
			)}
			{text !== "" && <RichText text={text} />}
			{running !== null && running.firstMs === null && <Waiting running={running} />}
			{stopped !== null && <p className="text-sm text-muted">{stopped}</p>}
			{figures?.finish_reason === "length" && <p className="text-sm text-muted">{said.cutOff}</p>}
		</div>
	);
}

/** What an answer took, in one line. */
export function FiguresLine({ figures }: { readonly figures: AnswerFigures }) {
	const parts = [
		said.tokens(formatCount(figures.output_tokens)),
		// A single token has no rate: all its time is the model's reading.
		...(figures.output_tokens > 1 ? [said.rate(formatRate(figures.tokens_per_second))] : []),
		said.first(formatRate(figures.first_token_ms / 1_000)),
	];
	return (
		<span
			className="min-w-0 truncate text-xs text-muted"
			title={`${said.read(formatCount(figures.input_tokens))} · ${figures.model}`}
		>
			{parts.join(" · ")}
			<span className="hidden wide:inline"> · {figures.model}</span>
		</span>
	);
}

function Thinking({ sinceMs }: { readonly sinceMs: number }) {
	return <span className="animate-pulse-slow">{said.thinking(useSecondsSince(sinceMs))}</span>;
}

/** Nothing has come yet: the model is being loaded, or reads what was written. */
function Waiting({ running }: { readonly running: Running }) {
	const seconds = useSecondsSince(running.askedMs);
	const resident = usePresent((state) => state.engine?.models.find(({ name }) => name === running.model));
	const isLoading = resident?.state === "loading" || resident?.state === "restarting";
	const percent = isLoading && resident.progress !== null ? formatPercent(resident.progress) : null;
	return (
		<p className="animate-pulse-slow text-muted">{isLoading ? said.loadingModel(percent) : said.waiting(seconds)}</p>
	);
}
