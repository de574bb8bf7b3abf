/**
 * The first screen: drop a file, see what goes on. Owns the drop panel and what belongs to a file until it is queued; what a batch does
 * afterwards belongs to `jobs`. What a file's card shows is loaded with the first file: the first view stays light.
 */
import { Suspense, useEffect } from "react";
import { formatCount } from "../state/format.ts";
import { part } from "../state/part.ts";
import { Button, Loading, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { startDrafts } from "./drafts.ts";
import { DropTarget } from "./drop-target.tsx";
import { Now } from "./now.tsx";
import { happen, type LeftOut, MOST_CARDS, useDrop } from "./store.ts";
import { WelcomeHint } from "./welcome-hint.tsx";

const FileCards = part(() => import("./file-cards.tsx").then(({ FileCards }) => FileCards));

/** The first screen. */
export function Home() {
	const hasCards = useDrop((state) => state.cards.length > 0);
	const leftOut = useDrop((state) => state.leftOut);
	const isOver = useDrop((state) => state.isOver);
	useEffect(startDrafts, []);
	return (
		<div className="flex flex-col gap-5">
			<h1 className="sr-only">{words.drop.title}</h1>
			<WelcomeHint />
			<DropTarget isSmall={hasCards} />
			{leftOut.length > 0 && (
				<Notice tone="warn" actions={<Button onClick={() => happen({ kind: "told" })}>{words.drop.dismiss}</Button>}>
					{leftOut.map((some) => (
						<p key={some.why}>{leftOutWords(some)}</p>
					))}
				</Notice>
			)}
			{hasCards && (
				<Suspense fallback={<Loading />}>
					<FileCards />
				</Suspense>
			)}
			<Now />
			{isOver && <WindowEdge />}
		</div>
	);
}

/** The whole window takes files: shown however far one has scrolled. */
function WindowEdge() {
	return (
		<div
			aria-hidden
			className="pointer-events-none fixed inset-1 z-40 flex items-end justify-center rounded-lg border-2 border-accent pb-14"
		>
			<span className="rounded-full bg-accent px-4 py-1.5 font-medium text-on-accent shadow-raised">
				{words.drop.dropTitleOver}
			</span>
		</div>
	);
}

function leftOutWords({ why, count }: LeftOut): string {
	return words.drop.leftOut[why](formatCount(count), formatCount(MOST_CARDS));
}
