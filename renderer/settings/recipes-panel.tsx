import { useState } from "react";
import { Card, CopyButton, Select } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { listRecipes, type RecipeId } from "./recipes.ts";

const text = words.settings.api;

/** How a program is pointed at this machine: one recipe at a time, to copy. */
export function RecipesPanel({
	origin,
	model,
	needsKey,
}: {
	readonly origin: string;
	/** Null: there is no model here yet. */
	readonly model: string | null;
	readonly needsKey: boolean;
}) {
	const [chosen, setChosen] = useState<RecipeId>("continue");
	const recipes = listRecipes({ origin, model: model ?? "your-model", needsKey });
	const recipe = recipes.find(({ id }) => id === chosen);
	const namesModel = chosen !== "cursor";
	const notes = [
		text.recipeHints[chosen],
		...(needsKey && recipe?.text.includes("nsk_your-key") ? [text.needsKey] : []),
		...(model === null && namesModel ? [text.noModel] : []),
	].filter((note) => note !== "");
	return (
		<Card
			title={text.recipes}
			actions={
				<Select
					label={text.recipeFor}
					className="w-44 wide:w-60"
					value={chosen}
					choices={recipes.map(({ id, title }) => ({ value: id, label: title }))}
					onChange={setChosen}
				/>
			}
		>
			<p className="mb-2 text-sm text-muted">{notes.join(" ")}</p>
			{recipe !== undefined && (
				<div className="flex items-start rounded-md bg-sunken">
					{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by keyboard. */}
					<section aria-label={recipe.title} tabIndex={0} className="min-w-0 grow overflow-x-auto rounded-md p-3">
						<pre className="font-mono text-sm">{recipe.text}</pre>
					</section>
					<span className="p-1">
						<CopyButton text={recipe.text} isIcon />
					</span>
				</div>
			)}
		</Card>
	);
}
