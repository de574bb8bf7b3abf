/** The protocol broke a promise: an invariant of reference/mesh 7.1, named by its number at the beginning of the text. */
export class Violation extends Error {}
