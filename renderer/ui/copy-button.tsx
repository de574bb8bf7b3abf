import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { words } from "../words/words.ts";
import { Button, IconButton } from "./button.tsx";

/** How long it says that it has copied. */
const SAID_MS = 1_600;

/** Copies a text; says so for a moment. */
export function CopyButton({
	text,
	label = words.common.copy,
	isIcon = false,
}: {
	readonly text: string | (() => string);
	readonly label?: string;
	readonly isIcon?: boolean;
}) {
	const [hasCopied, setHasCopied] = useState(false);
	useEffect(() => {
		if (!hasCopied) return;
		const timer = setTimeout(() => setHasCopied(false), SAID_MS);
		return () => clearTimeout(timer);
	}, [hasCopied]);
	const copy = async (): Promise<void> => {
		await navigator.clipboard.writeText(typeof text === "string" ? text : text());
		setHasCopied(true);
	};
	const icon = hasCopied ? <Check aria-hidden className="size-3.5" /> : <Copy aria-hidden className="size-3.5" />;
	const shown = hasCopied ? words.common.copied : label;
	if (isIcon) {
		return (
			<IconButton label={shown} onClick={() => void copy()}>
				{icon}
			</IconButton>
		);
	}
	return (
		<Button icon={icon} onClick={() => void copy()}>
			<span aria-live="polite">{shown}</span>
		</Button>
	);
}
