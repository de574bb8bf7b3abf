import type { ReactNode } from "react";
import { Card } from "../ui/ui.ts";

/** Settings that belong together, one below the other. */
export function SettingGroup({
	title,
	hint,
	actions,
	children,
}: {
	readonly title: string;
	readonly hint?: string;
	readonly actions?: ReactNode;
	readonly children: ReactNode;
}) {
	return (
		<Card title={title} {...(actions === undefined ? {} : { actions })}>
			{hint !== undefined && <p className="-mt-2 mb-3 text-sm text-muted">{hint}</p>}
			<div className="flex flex-col divide-y divide-line *:py-3 *:first:pt-0 *:last:pb-0">{children}</div>
		</Card>
	);
}
