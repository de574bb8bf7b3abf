import { describeAccess } from "./access.ts";
import { widths } from "./testing.ts";

/** Every commit looks at each third scene at one width, in turn; all of them at both take minutes (`axe.heavy.test.ts`). */
const STEP = 3;

describeAccess((index) => (index % STEP === 0 ? widths.filter((_, at) => at === (index / STEP) % widths.length) : []));
