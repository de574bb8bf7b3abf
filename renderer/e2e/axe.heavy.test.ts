import { describeAccess } from "./access.ts";
import { widths } from "./testing.ts";

describeAccess(() => widths);
