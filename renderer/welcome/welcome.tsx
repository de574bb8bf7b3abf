/** The first run in two screens: a model, and when it may work. Owns nothing but the order; skipping it leaves all as it is. */
import { useEffect, useRef, useState } from "react";
import { go } from "../state/route.ts";
import { Button } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { ModelStep } from "./model-step.tsx";
import { rememberWelcome } from "./seen.ts";
import { TimeStep } from "./time-step.tsx";

const w = words.welcome;

/** The first run. */
export function Welcome() {
	const [isSecond, setIsSecond] = useState(false);
	const heading = useRef<HTMLHeadingElement>(null);
	const shown = useRef(isSecond);
	useEffect(() => {
		if (shown.current === isSecond) return;
		shown.current = isSecond;
		heading.current?.focus();
	}, [isSecond]);
	const leave = (): void => {
		rememberWelcome();
		go("home");
	};
	return (
		<div className="mx-auto flex max-w-xl flex-col gap-5 wide:pt-4">
			<header>
				<div className="mb-3 flex items-center justify-between gap-3">
					<p className="text-sm text-muted">{w.step(isSecond ? "2" : "1", "2")}</p>
					<Button tone="quiet" className="-mr-3" onClick={leave}>
						{w.skip}
					</Button>
				</div>
				<h1 ref={heading} tabIndex={-1} className="text-2xl font-semibold tracking-tight text-balance outline-none">
					{isSecond ? w.timeTitle : w.modelTitle}
				</h1>
				<p className="mt-2 text-muted">{isSecond ? w.timeBody : w.modelBody}</p>
			</header>
			{isSecond ? (
				<TimeStep onBack={() => setIsSecond(false)} onDone={leave} />
			) : (
				<ModelStep onNext={() => setIsSecond(true)} />
			)}
		</div>
	);
}
