import { useState } from "react";
import { Button, Dialog, Segmented } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { JoinForm } from "./join-form.tsx";
import { ShowCode } from "./show-code.tsx";

const text = words.mesh.pair;

/** What became of it. */
interface Done {
	readonly title: string;
	readonly body: string;
}

/** Adds a machine: by a code that is shown here, or one that another shows. A code is out only while it is looked at. */
export function PairDialog({ onClose }: { readonly onClose: () => void }) {
	const [way, setWay] = useState<"show" | "join">("show");
	const [done, setDone] = useState<Done | null>(null);
	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={done?.title ?? text.title}
			{...(done === null
				? {}
				: {
						actions: (
							<Button tone="primary" onClick={onClose}>
								{text.done}
							</Button>
						),
					})}
		>
			{done === null ? (
				<div className="flex flex-col gap-4">
					<div>
						<Segmented
							label={text.ways}
							value={way}
							choices={[
								{ value: "show", label: text.show },
								{ value: "join", label: text.join },
							]}
							onChange={setWay}
						/>
					</div>
					{way === "show" ? (
						<ShowCode onJoined={(name) => setDone({ title: text.joined(name), body: text.joinedBody })} />
					) : (
						<JoinForm onJoined={(name) => setDone({ title: text.belongs(name), body: text.belongsBody })} />
					)}
				</div>
			) : (
				<p role="status">{done.body}</p>
			)}
		</Dialog>
	);
}
