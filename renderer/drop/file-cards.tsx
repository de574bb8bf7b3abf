import { useEffect, useRef, useState } from "react";
import { words } from "../words/words.ts";
import { cardState } from "./card-state.ts";
import { FileCardView } from "./file-card.tsx";
import { type FileCard, useDrop } from "./store.ts";

/** The files being prepared, in the order they came. Says aloud when one of them comes to something. */
export function FileCards() {
	const cards = useDrop((state) => state.cards);
	const said = useSaid(cards);
	return (
		<>
			<p aria-live="polite" className="sr-only">
				{said}
			</p>
			<ul aria-label={words.drop.files} className="flex flex-col gap-4">
				{cards.map((card) => (
					<li key={card.key}>
						<FileCardView card={card} />
					</li>
				))}
			</ul>
		</>
	);
}

/** The newest thing worth saying: what a card's state says when it is another than before. */
function useSaid(cards: readonly FileCard[]): string {
	const before = useRef<ReadonlyMap<string, string | null>>(new Map());
	const [said, setSaid] = useState("");
	useEffect(() => {
		const now = new Map(cards.map((card) => [card.key, cardState(card).said]));
		const news = [...now].filter(([key, sentence]) => sentence !== null && before.current.get(key) !== sentence);
		before.current = now;
		if (news.length > 0) setSaid(news.map(([, sentence]) => sentence).join(" "));
	}, [cards]);
	return said;
}
