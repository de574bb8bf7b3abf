import type { ReactNode } from "react";
import { words } from "../words/words.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

/** A question before something that can't be taken back. */
export interface ConfirmProps {
	readonly isOpen: boolean;
	readonly title: string;
	/** What will happen. */
	readonly children: ReactNode;
	/** What the button that does it says. */
	readonly action: string;
	/** What the button that leaves everything as it is says; `Cancel` unless the thing itself is called cancelling. */
	readonly keep?: string;
	readonly isBusy?: boolean;
	readonly onConfirm: () => void;
	readonly onClose: () => void;
}

/** Asks before something that can't be taken back. */
export function Confirm(props: ConfirmProps) {
	const { isOpen, title, children, action, keep = words.common.cancel, isBusy = false, onConfirm, onClose } = props;
	return (
		<Dialog
			isOpen={isOpen}
			onClose={onClose}
			title={title}
			actions={
				<>
					<Button onClick={onClose}>{keep}</Button>
					<Button tone="danger" isBusy={isBusy} onClick={onConfirm}>
						{action}
					</Button>
				</>
			}
		>
			{children}
		</Dialog>
	);
}
