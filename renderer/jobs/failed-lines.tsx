import { useMemo, useState } from "react";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { formatCount } from "../state/format.ts";
import { Button, Card, Failure, Loading, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { type FailureGroup, groupFailures } from "./failures.ts";
import type { HuntWish } from "./hunt.ts";
import { LineDialog } from "./line-dialog.tsx";
import { neighboursIn } from "./line-neighbours.ts";
import { useHunt } from "./use-hunt.ts";
import { useSometimes } from "./use-sometimes.ts";

const failedOnly: HuntWish = { only: "failed", search: "" };
/** Failed lines come one by one; reasons are grouped anew this often. */
const REFRESH_MS = 10_000;

/** Why lines failed, by reason. */
export function FailedLines({ batch, onShow }: { readonly batch: BatchDetails; readonly onShow: () => void }) {
	const { hunt, goOn, again } = useHunt(batch.id, failedOnly);
	const [open, setOpen] = useState<number | null>(null);
	useSometimes(`${batch.request_counts.failed}`, REFRESH_MS, again);
	const groups = useMemo(() => groupFailures(hunt.found), [hunt.found]);
	const said = words.jobs.failures;
	return (
		<Card title={said.title} actions={<Button onClick={onShow}>{said.show}</Button>}>
			{hunt.error !== null && hunt.state === "failed" && <Failure error={hunt.error} onRetry={goOn} />}
			{groups.length === 0 && hunt.state === "running" && <Loading />}
			<ul className="flex flex-col gap-3">
				{groups.map((group) => (
					<li key={group.code}>
						<Group group={group} ofFirst={hunt.state === "over" ? null : hunt.found.length} onOpen={setOpen} />
					</li>
				))}
			</ul>
			{open !== null && (
				<LineDialog
					batchId={batch.id}
					line={open}
					{...neighboursIn(
						hunt.found.map((found) => found.line),
						open,
					)}
					onGo={setOpen}
					onClose={() => setOpen(null)}
				/>
			)}
		</Card>
	);
}

interface GroupProps {
	readonly group: FailureGroup;
	/** Failed lines that were counted, where there are more; null: these are all. */
	readonly ofFirst: number | null;
	readonly onOpen: (line: number) => void;
}

function Group({ group, ofFirst, onOpen }: GroupProps) {
	const said = words.jobs.failures;
	const count = formatCount(group.count);
	const counted = group.count === 1 ? said.one : said.count(count);
	const part = group.count === ofFirst ? said.allOfFirst(count) : said.ofFirst(count, formatCount(ofFirst ?? 0));
	return (
		<>
			<div className="flex flex-wrap items-center gap-2">
				<span className="font-medium">{ofFirst === null ? counted : part}</span>
				<Tag tone="bad">{group.code ?? said.noCode}</Tag>
			</div>
			<p className="mt-0.5 text-sm text-muted">{group.message}</p>
			<p className="mt-1 flex flex-wrap gap-x-3 text-sm">
				{group.lines.map((line) => (
					<button
						key={line}
						type="button"
						className="rounded-sm text-accent hover:underline"
						onClick={() => onOpen(line)}
					>
						{said.open(formatCount(line + 1))}
					</button>
				))}
			</p>
		</>
	);
}
