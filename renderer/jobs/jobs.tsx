/**
 * Jobs: the list of all of them, and a job's own page (`job.tsx`). Owns how jobs are shown and what is asked before something is done
 * to one; must never decide what a job's state is: that the service says.
 */
import { ListChecks, SearchX } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { newestFirst, useBatches } from "../state/batches.ts";
import { go } from "../state/route.ts";
import { Button, Empty, Loading, PageHeader, Segmented, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { chooseJobs, type JobFilter } from "./job-list.ts";
import { JobRows } from "./job-rows.tsx";
import { OlderJobs } from "./older-jobs.tsx";

const filters: readonly JobFilter[] = ["all", "open", "ended"];

/** The list of jobs, live. */
export function Jobs() {
	const state = useBatches();
	const [filter, setFilter] = useState<JobFilter>("all");
	const [search, setSearch] = useState("");
	const all = useMemo(() => newestFirst(state), [state]);
	const shown = useMemo(() => chooseJobs(all, { filter, search }), [all, filter, search]);
	const said = words.jobs.list;

	if (!state.isLoaded) return <Frame body={<Loading />} />;
	if (all.length === 0) {
		return (
			<Frame
				body={
					<Empty
						icon={<ListChecks aria-hidden className="size-8" />}
						title={said.emptyTitle}
						actions={
							<Button tone="primary" onClick={() => go("home")}>
								{said.emptyAction}
							</Button>
						}
					>
						{said.emptyBody}
					</Empty>
				}
			/>
		);
	}
	const showAll = (): void => {
		setFilter("all");
		setSearch("");
	};
	return (
		<Frame
			tools={
				<>
					<Segmented
						label={said.filterLabel}
						value={filter}
						choices={filters.map((value) => ({ value, label: said.filters[value] }))}
						onChange={setFilter}
					/>
					<TextInput
						type="search"
						aria-label={said.searchLabel}
						placeholder={said.searchHint}
						className="max-w-44"
						value={search}
						onChange={(event) => setSearch(event.currentTarget.value)}
					/>
				</>
			}
			body={
				<>
					{shown.length === 0 ? (
						<Empty
							icon={<SearchX aria-hidden className="size-8" />}
							title={said.noneFits}
							actions={<Button onClick={showAll}>{said.showAll}</Button>}
						>
							{said.noneFitsBody}
						</Empty>
					) : (
						<JobRows batches={shown} />
					)}
					<OlderJobs count={all.length} />
				</>
			}
		/>
	);
}

function Frame({ tools, body }: { readonly tools?: ReactNode; readonly body: ReactNode }) {
	return (
		<>
			<PageHeader title={words.jobs.title}>{tools}</PageHeader>
			{body}
		</>
	);
}
