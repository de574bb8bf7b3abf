/** Options every command knows. */
export interface GlobalOptions {
	readonly dataDir: string;
	readonly logLevel: "debug" | "info" | "warn" | "error";
	/** False after --no-gpu. */
	readonly gpu: boolean;
}
