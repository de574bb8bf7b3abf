/** Names that tell machines apart: people choose them, and computers bought together come with the same. */

/** Characters of an id that tell two machines of a name apart. */
const SHORT_ID_LENGTH = 4;

/** Machines with names of their own: to one that several have the beginning of the machine's id is added. Work is signed with names. */
export function apart<Machine extends { readonly id: string; readonly name: string }>(
	machines: readonly Machine[],
): readonly Machine[] {
	const counts = new Map<string, number>();
	for (const { name } of machines) counts.set(name, (counts.get(name) ?? 0) + 1);
	return machines.map((machine) =>
		counts.get(machine.name) === 1
			? machine
			: { ...machine, name: `${machine.name}-${machine.id.slice(0, SHORT_ID_LENGTH).toLowerCase()}` },
	);
}
