import { useEffect, useRef, useState } from "react";
import type { Conversation } from "./conversation.ts";

/** Read out at most: who wants more goes to the message. */
const MOST_READ_LENGTH = 2_000;

/** Reads an answer out when it is whole; while it comes, silence. */
export function Announcer({ conversation }: { readonly conversation: Conversation }) {
	const [text, setText] = useState("");
	const wasRunning = useRef(false);
	const isRunning = conversation.running !== null;
	const last = conversation.messages.at(-1);
	useEffect(() => {
		if (wasRunning.current && !isRunning && last?.role === "assistant") setText(last.text.slice(0, MOST_READ_LENGTH));
		wasRunning.current = isRunning;
	}, [isRunning, last]);
	return (
		<div aria-live="polite" className="sr-only">
			{text}
		</div>
	);
}
