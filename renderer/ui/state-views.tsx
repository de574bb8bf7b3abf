import { LoaderCircle, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import type { ApiFailure } from "../api/client.ts";
import { words } from "../words/words.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";

/** Nothing is there yet, and what to do about it. */
export function Empty({
	icon,
	title,
	children,
	actions,
}: {
	readonly icon?: ReactNode;
	readonly title: string;
	readonly children?: ReactNode;
	readonly actions?: ReactNode;
}) {
	return (
		<div className="flex flex-col items-center gap-2 px-4 py-10 text-center">
			{icon !== undefined && <div className="text-faint">{icon}</div>}
			<p className="font-medium">{title}</p>
			{children !== undefined && <div className="max-w-96 text-muted">{children}</div>}
			{actions !== undefined && <div className="mt-1 flex flex-wrap justify-center gap-2">{actions}</div>}
		</div>
	);
}

/** Something is on its way. */
export function Loading({ label = words.common.loading }: { readonly label?: string }) {
	return (
		<div role="status" className="flex items-center justify-center gap-2 px-4 py-10 text-muted">
			<LoaderCircle aria-hidden className="size-4 animate-spin" />
			{label}
		</div>
	);
}

/** Something could not be had, and the way to try again. */
export function Failure({ error, onRetry }: { readonly error: ApiFailure; readonly onRetry?: () => void }) {
	return (
		<Notice
			tone="bad"
			actions={
				onRetry && (
					<Button icon={<RotateCw aria-hidden className="size-3.5" />} onClick={onRetry}>
						{words.common.tryAgain}
					</Button>
				)
			}
		>
			{error.message}
		</Notice>
	);
}
