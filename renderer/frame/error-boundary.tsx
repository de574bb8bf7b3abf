import { Component, type ReactNode } from "react";
import { Button, Empty } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** Keeps a screen that breaks from taking the page with it. React has no other way than a class. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly isBroken: boolean }> {
	override state = { isBroken: false };

	static getDerivedStateFromError(): { readonly isBroken: boolean } {
		return { isBroken: true };
	}

	override render(): ReactNode {
		if (!this.state.isBroken) return this.props.children;
		return (
			<Empty
				title={words.common.failedTitle}
				actions={<Button onClick={() => location.reload()}>{words.common.reload}</Button>}
			>
				{words.common.failedBody}
			</Empty>
		);
	}
}
