import { type FormEvent, useState } from "react";
import { Button, Disclosure, Field, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { addAddress } from "./mesh-commands.ts";

const text = words.mesh;

/** Where a paired machine may be that is not found by itself. */
export function MissingMachine() {
	const [address, setAddress] = useState("");
	const [isBusy, setIsBusy] = useState(false);
	const [fault, setFault] = useState<string | null>(null);
	const remember = async (event: FormEvent): Promise<void> => {
		event.preventDefault();
		setIsBusy(true);
		const answer = await addAddress(address.trim());
		setIsBusy(false);
		setFault(answer.ok ? null : answer.error.message);
		if (answer.ok) setAddress("");
	};
	return (
		<Disclosure label={text.missing}>
			<form className="flex max-w-xl flex-col gap-3" onSubmit={(event) => void remember(event)}>
				<p className="text-muted">{text.missingBody}</p>
				<Field label={text.pair.address} hint={text.pair.addressHint} fault={fault}>
					<TextInput
						autoComplete="off"
						spellCheck={false}
						value={address}
						onValueChange={(typed) => {
							setAddress(typed);
							setFault(null);
						}}
					/>
				</Field>
				<Button type="submit" className="self-start" isBusy={isBusy} disabled={address.trim() === ""}>
					{text.remember}
				</Button>
			</form>
		</Disclosure>
	);
}
