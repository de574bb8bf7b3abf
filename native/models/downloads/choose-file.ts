/** Which files of a repository are the model that was asked for. Pure. */
import { err, ok, type Result } from "../../base/base.ts";
import { isModelFileName, modelPartPaths } from "../gguf-files.ts";

/** A file of a repository. */
export interface HubFile {
	readonly path: string;
	readonly sizeBytes: number;
	/** Hex; null: the Hub does not say. */
	readonly sha256: string | null;
}

/** Taken where nobody asked for another: half the size of eight bits, and hardly worse. */
const USUAL = "Q4_K_M";

/** From small to large, so that near in the list is near in size. */
const bySize: readonly string[] = (
	"IQ1_S IQ1_M TQ1_0 TQ2_0 IQ2_XXS IQ2_XS IQ2_S IQ2_M Q2_K_S Q2_K Q2_K_L IQ3_XXS IQ3_XS Q3_K_S IQ3_S IQ3_M Q3_K_M Q3_K_L " +
	"Q3_K_XL IQ4_XS IQ4_NL Q4_0 Q4_K_S MXFP4 MXFP4_MOE Q4_K_M Q4_K_L Q4_K_XL Q4_1 Q5_0 Q5_K_S Q5_K_M Q5_K_L Q5_K_XL Q5_1 " +
	"Q6_K Q6_K_L Q6_K_XL Q8_0 Q8_K_XL F16 FP16 BF16 F32"
).split(" ");

const labelPattern =
	/(?:^|[-._/])((?:UD-)?(?:I?Q\d(?:_[A-Z0-9]+)*|TQ\d_\d|MXFP4(?:_MOE)?|BF16|FP?16|F32))(?=[-._/]|$)/gi;

/** Names of quantizations repeated in a message. */
const MOST_LISTED = 40;

/** The files of the model at a path, or of the one with a quantization: several, if it is split. */
export function chooseFiles(
	files: readonly HubFile[],
	wish: { readonly path: string | null; readonly quantization: string | null },
): Result<readonly HubFile[], { readonly message: string }> {
	const models = files.filter(({ path }) => isModelFileName(path.split("/").at(-1) ?? ""));
	if (models.length === 0) {
		return err({ message: "There is no GGUF file in this repository. Look for one whose name ends in -GGUF." });
	}
	const chosen =
		wish.path === null
			? byQuantization(models, wish.quantization)
			: files.find((file) => file.path === wish.path || modelPartPaths(file.path)[0] === wish.path);
	if (chosen === undefined) return err({ message: `It is not in this repository. There is: ${listLabels(models)}.` });
	const parts = modelPartPaths(chosen.path).map((path) =>
		files.find((file) => file.path === path.replaceAll("\\", "/")),
	);
	const whole = parts.filter((part) => part !== undefined);
	if (whole.length < parts.length) return err({ message: "Parts of this model are missing in the repository." });
	return ok(whole);
}

/** The quantization that a file's name or folder tells, in capitals; null: none. */
export function quantizationOf(path: string): string | null {
	const labels = [...path.replace(/(?:-\d{5}-of-\d{5})?\.gguf$/i, "").matchAll(labelPattern)];
	return labels.at(-1)?.[1]?.toUpperCase() ?? null;
}

function byQuantization(models: readonly HubFile[], wanted: string | null): HubFile | undefined {
	if (wanted !== null) return models.find(({ path }) => quantizationOf(path) === wanted.toUpperCase());
	const distance = ({ path }: HubFile) => distanceToUsual(quantizationOf(path));
	return [...models].sort((one, other) => distance(one) - distance(other))[0];
}

function distanceToUsual(label: string | null): number {
	const plain = label?.replace(/^UD-/, "") ?? "";
	const place = bySize.indexOf(plain);
	if (place < 0) return bySize.length;
	// Of two as near the plain one; above the usual costs memory, below it quality.
	return Math.abs(place - bySize.indexOf(USUAL)) + (plain === label ? 0 : 0.5);
}

function listLabels(models: readonly HubFile[]): string {
	const labels = models.map(({ path }) => quantizationOf(path) ?? path);
	return [...new Set(labels)].slice(0, MOST_LISTED).join(", ");
}
