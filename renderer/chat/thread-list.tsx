import { SquarePen } from "lucide-react";
import { memo, useState } from "react";
import { formatMoment } from "../state/format.ts";
import { routeTo } from "../state/route.ts";
import { Button, Failure, join, Loading, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { useChat } from "./store.ts";
import { ThreadActions } from "./thread-actions.tsx";
import { shownLines } from "./thread-lines.ts";
import { loadThreads } from "./work.ts";

/** Chats shown at first, and more at a time: what one scrolls through before one searches. */
const PORTION = 100;

const said = words.chat.threads;

/** The conversations, newest first, with a search by title. */
export function ThreadList({
	currentId,
	onChoose,
}: {
	readonly currentId: string | null;
	readonly onChoose?: () => void;
}) {
	const list = useChat((state) => state.list);
	const open = useChat((state) => state.open);
	const [search, setSearch] = useState("");
	const [shownCount, setShownCount] = useState(PORTION);
	const lines = shownLines({ list, open }, search);
	return (
		<div className="flex min-h-0 min-w-0 grow flex-col">
			<div className="flex flex-col gap-2 p-3">
				<a
					href={routeTo("chat")}
					onClick={onChoose}
					className="inline-flex h-8 items-center justify-center gap-1.5 rounded-md border border-line bg-raised font-medium hover:bg-hover"
				>
					<SquarePen aria-hidden className="size-3.5" />
					{said.new}
				</a>
				<TextInput
					type="search"
					aria-label={said.searchLabel}
					placeholder={said.searchHint}
					value={search}
					onChange={(event) => setSearch(event.target.value)}
				/>
			</div>
			<nav aria-label={said.listLabel} className="min-h-0 grow overflow-y-auto px-2 pb-2">
				{list.state === "failed" && <Failure error={list.error} onRetry={() => void loadThreads()} />}
				{list.state === "loading" && lines.length === 0 && <Loading />}
				{list.state === "there" && lines.length === 0 && (
					<p className="px-2 py-3 text-center text-sm text-muted">{search.trim() === "" ? said.none : said.noneFits}</p>
				)}
				<ul className="flex flex-col gap-px">
					{lines.slice(0, shownCount).map((line) => (
						<Line
							key={line.id}
							id={line.id}
							title={line.title}
							changedAt={line.changed_at}
							isRunning={line.isRunning}
							isCurrent={line.id === currentId}
							onChoose={onChoose}
						/>
					))}
				</ul>
				{lines.length > shownCount && (
					<Button tone="quiet" className="mt-1 w-full" onClick={() => setShownCount((count) => count + PORTION)}>
						{said.showOlder}
					</Button>
				)}
			</nav>
		</div>
	);
}

/** Drawn anew only where it changes: the list is asked at every word of an answer. */
const Line = memo(function Line(props: {
	readonly id: string;
	readonly title: string;
	readonly changedAt: number;
	readonly isRunning: boolean;
	readonly isCurrent: boolean;
	readonly onChoose: (() => void) | undefined;
}) {
	const { id, changedAt, isRunning, isCurrent, onChoose } = props;
	const title = props.title === "" ? said.untitled : props.title;
	return (
		<li className={join("group flex items-center rounded-md", isCurrent ? "bg-accent-soft" : "hover:bg-hover")}>
			<a
				href={routeTo("chat", id)}
				aria-current={isCurrent ? "page" : undefined}
				onClick={onChoose}
				className="min-w-0 grow rounded-md py-1.5 pl-2.5"
			>
				<span className={join("block truncate", isCurrent && "font-medium text-accent")} title={title}>
					{title}
				</span>
				<span className="flex items-center gap-1.5 text-xs text-muted">
					{isRunning && <span className="size-1.5 animate-pulse-slow rounded-full bg-accent" />}
					{isRunning ? said.answering : formatMoment(changedAt * 1_000)}
				</span>
			</a>
			<span className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 has-data-popup-open:opacity-100 [@media(hover:none)]:opacity-100">
				<ThreadActions id={id} title={title} />
			</span>
		</li>
	);
});
