import { FileDown, FolderOpen } from "lucide-react";
import { useEffect, useRef } from "react";
import { shell } from "../shell.ts";
import { Button, join } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { readChosen, readPaths } from "./dropped.ts";
import { takeFiles } from "./sending.ts";
import { useDrop } from "./store.ts";

/** Where the focus goes when a card has gone. */
export const CHOOSE_ID = "choose-files";

const w = words.drop;

/** Where files are dropped or chosen: large while there is none, a strip above them afterwards. A drop anywhere on the window counts. */
export function DropTarget({ isSmall }: { readonly isSmall: boolean }) {
	const isOver = useDrop((state) => state.isOver);
	return (
		<section
			aria-label={w.dropTitle}
			className={join(
				"flex items-center rounded-lg border border-dashed transition-colors",
				isSmall
					? "flex-wrap justify-between gap-x-4 gap-y-2 px-4 py-3"
					: "min-h-64 flex-col justify-center gap-4 px-6 py-10 text-center",
				isOver ? "border-accent bg-accent-soft" : "border-strong-line bg-surface",
			)}
		>
			<div className={join("flex items-center gap-3", !isSmall && "flex-col")}>
				<FileDown
					aria-hidden
					className={join("shrink-0 text-accent", isSmall ? "size-5" : "size-9")}
					strokeWidth={1.5}
				/>
				<p className={isSmall ? "font-medium" : "text-lg font-semibold"}>
					{isOver ? w.dropTitleOver : isSmall ? w.dropMore : w.dropTitle}
				</p>
			</div>
			{!isSmall && <p className="-mt-2 max-w-80 text-muted">{w.dropHint}</p>}
			<div className="flex flex-wrap justify-center gap-2">
				<Chooser isSmall={isSmall} />
			</div>
		</section>
	);
}

function Chooser({ isSmall }: { readonly isSmall: boolean }) {
	const files = useRef<HTMLInputElement>(null);
	const folder = useRef<HTMLInputElement>(null);
	useEffect(() => {
		// React has no name for it.
		if (folder.current !== null) folder.current.webkitdirectory = true;
	}, []);
	const choose = (kind: "files" | "folder"): void => {
		if (shell !== null) void shell.chooseFiles(kind).then((paths) => takeFiles(readPaths(paths)));
		else (kind === "files" ? files : folder).current?.click();
	};
	const take = (input: HTMLInputElement, isFromFolder: boolean): void => {
		takeFiles(readChosen([...(input.files ?? [])], isFromFolder));
		// Else choosing the same file again would be no change.
		input.value = "";
	};
	return (
		<>
			<input
				ref={files}
				type="file"
				multiple
				hidden
				aria-label={w.chooseFiles}
				onChange={({ currentTarget }) => take(currentTarget, false)}
			/>
			<input
				ref={folder}
				type="file"
				hidden
				aria-label={w.chosenFolder}
				onChange={({ currentTarget }) => take(currentTarget, true)}
			/>
			<Button id={CHOOSE_ID} tone={isSmall ? "plain" : "primary"} onClick={() => choose("files")}>
				{w.choose}
			</Button>
			{!isSmall && (
				<Button tone="quiet" icon={<FolderOpen aria-hidden className="size-4" />} onClick={() => choose("folder")}>
					{w.chooseFolder}
				</Button>
			)}
		</>
	);
}
