import { describeAccess } from "./access.ts";
import { widths } from "./testing.ts";

// At one width each, in turn: `axe.heavy.test.ts` looks at all of them at both.
describeAccess((index) => widths.filter((_, at) => at === index % widths.length));
