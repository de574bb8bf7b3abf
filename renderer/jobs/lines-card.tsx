import { ArrowRight } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { Button, Card, Segmented, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { AllLines } from "./all-lines.tsx";
import { FoundLines } from "./found-lines.tsx";
import { type HuntWish, isHunt, type LineFilter } from "./hunt.ts";
import { lineTyped } from "./sections.ts";

const filters: readonly LineFilter[] = ["all", "failed", "answered", "open"];
/** A search begins when nobody has typed for so long, so that half a word is not looked for in a million lines. */
const TYPING_MS = 300;

/** A job's lines: all of them as they stand in the file, or those that somebody looks for. */
export function LinesCard({
	batch,
	filter,
	onFilter,
}: {
	readonly batch: BatchDetails;
	readonly filter: LineFilter;
	readonly onFilter: (filter: LineFilter) => void;
}) {
	const [typed, setTyped] = useState("");
	const [search, setSearch] = useState("");
	const [jump, setJump] = useState("");
	const [goTo, setGoTo] = useState<{ readonly index: number } | null>(null);
	const said = words.jobs.lines;
	const { total } = batch.request_counts;
	const hindrance = hindranceOf(batch);
	const wish: HuntWish = { only: filter, search };
	useEffect(() => {
		const timer = setTimeout(() => setSearch(typed.trim()), TYPING_MS);
		return () => clearTimeout(timer);
	}, [typed]);

	const clear = (): void => {
		onFilter("all");
		setTyped("");
		setSearch("");
	};
	const onJump = (event: FormEvent): void => {
		event.preventDefault();
		const line = lineTyped(jump, total);
		if (line === null) return;
		clear();
		setGoTo({ index: line });
	};
	return (
		<Card title={said.title}>
			{hindrance !== null ? (
				<p className="text-muted">{hindrance}</p>
			) : (
				<>
					<div className="mb-3 flex flex-wrap items-center gap-2">
						<Segmented
							label={said.filterLabel}
							value={filter}
							choices={filters.map((value) => ({ value, label: said.filters[value] }))}
							onChange={onFilter}
						/>
						<div className="min-w-36 grow">
							<TextInput
								type="search"
								aria-label={said.searchLabel}
								placeholder={said.searchHint}
								maxLength={200}
								value={typed}
								onChange={(event) => setTyped(event.currentTarget.value)}
							/>
						</div>
						<form className="flex items-center gap-1" onSubmit={onJump}>
							<div className="w-24">
								<TextInput
									aria-label={said.jumpLabel}
									placeholder={said.jumpHint}
									inputMode="numeric"
									value={jump}
									onChange={(event) => setJump(event.currentTarget.value)}
								/>
							</div>
							<Button type="submit" aria-label={said.jumpLabel} disabled={lineTyped(jump, total) === null}>
								<ArrowRight aria-hidden className="size-3.5" />
							</Button>
						</form>
					</div>
					{isHunt(wish) ? (
						<FoundLines batch={batch} wish={wish} onClear={clear} />
					) : (
						<AllLines batch={batch} goTo={goTo} />
					)}
				</>
			)}
		</Card>
	);
}

/** Why there are no lines to look at; null: there are. */
function hindranceOf(batch: BatchDetails): string | null {
	const said = words.jobs.lines;
	if (batch.status === "validating") return said.notChecked;
	if (batch.results_dropped_at !== null) return said.dropped;
	return batch.request_counts.total === 0 || batch.model === null ? said.notReadable : null;
}
