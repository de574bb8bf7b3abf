/** Models as Google names them. */

/** What Google puts before a model's name: `models/x`, on Vertex `publishers/google/models/x`, there also behind a project. */
const NAME_PREFIX = /^(?:projects\/[^/]*\/locations\/[^/]*\/)?(?:publishers\/[^/]*\/)?models\//;

/** The name of a model without what Google puts before it; empty where nothing stands behind that. */
export function geminiModelName(model: string): string {
	return model.replace(NAME_PREFIX, "");
}
