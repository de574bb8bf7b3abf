import {
	CircleX,
	Copy,
	Download,
	FileWarning,
	type LucideIcon,
	Pause,
	Play,
	RotateCcw,
	Send,
	Server,
	Trash2,
} from "lucide-react";
import { Menu } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import type { JobAction } from "./job-actions.ts";

/** The picture of each action. */
export const actionIcons: Record<JobAction, LucideIcon> = {
	queue: Send,
	resume: Play,
	pause: Pause,
	results: Download,
	errors: FileWarning,
	retry: RotateCcw,
	machines: Server,
	duplicate: Copy,
	cancel: CircleX,
	delete: Trash2,
};

/** A job's actions behind a button. */
export function JobMenu({
	label,
	actions,
	busy,
	onChoose,
}: {
	readonly label: string;
	readonly actions: readonly JobAction[];
	/** The action that goes on; meanwhile there is no other. */
	readonly busy: JobAction | null;
	readonly onChoose: (action: JobAction) => void;
}) {
	return (
		<Menu
			label={label}
			entries={actions.map((action) => {
				const Icon = actionIcons[action];
				return {
					label: words.jobs.actions[action],
					icon: <Icon aria-hidden className="size-3.5" />,
					isDisabled: busy !== null,
					isDangerous: action === "cancel" || action === "delete",
					onChoose: () => onChoose(action),
				};
			})}
		/>
	);
}
