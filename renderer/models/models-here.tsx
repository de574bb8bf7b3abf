import { Boxes } from "lucide-react";
import type { MachineModelList } from "../../native/contract/contract.ts";
import type { Resource } from "../state/resource.ts";
import { Card, Disclosure, Empty, Failure, Loading, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { hasOnlyDemo, orderModels } from "./model-list.ts";
import { ModelRow } from "./model-row.tsx";

const text = words.models.here;

/** The models on this machine, and where they were looked for. */
export function ModelsHere({
	resource,
	onChanged,
}: {
	readonly resource: Resource<MachineModelList>;
	/** Something was changed, or is to be asked for once more. */
	readonly onChanged: () => void;
}) {
	return (
		<Card title={text.title}>
			{resource.state === "loading" && <Loading />}
			{resource.state === "failed" && <Failure error={resource.error} onRetry={onChanged} />}
			{resource.state === "there" && <Listed list={resource.value} onChanged={onChanged} />}
		</Card>
	);
}

function Listed({ list, onChanged }: { readonly list: MachineModelList; readonly onChanged: () => void }) {
	return (
		<>
			{list.data.length === 0 ? (
				<Empty icon={<Boxes aria-hidden className="size-8" />} title={text.emptyTitle}>
					{text.emptyBody}
				</Empty>
			) : (
				<ul aria-label={text.title} className="@container -mt-2">
					{orderModels(list.data).map((model) => (
						<li key={model.path} className="border-line not-first:border-t">
							<ModelRow model={model} onChanged={onChanged} />
						</li>
					))}
				</ul>
			)}
			{hasOnlyDemo(list) && (
				<div className="mt-2">
					<Notice tone="accent">{text.onlyDemo}</Notice>
				</div>
			)}
			{list.folders.length > 0 && (
				<div className="mt-3">
					<Disclosure label={text.folders}>
						<Folders folders={list.folders} />
					</Disclosure>
				</div>
			)}
		</>
	);
}

function Folders({ folders }: Pick<MachineModelList, "folders">) {
	return (
		<ul className="flex flex-col gap-1.5 pl-4.5 text-sm">
			{folders.map(({ place, path, exists }) => (
				<li key={`${place} ${path}`} className="grid gap-x-3 wide:grid-cols-[10rem_1fr]">
					<span className="font-medium">{text.places[place]}</span>
					<span className="text-muted">
						<span className="font-mono">{path}</span>
						{!exists && ` (${text.folderMissing})`}
					</span>
				</li>
			))}
		</ul>
	);
}
