import { ledgerContract } from "./ledger.contract.ts";
import { sqliteUnderTest } from "./testing/sqlite.ts";

ledgerContract(() => sqliteUnderTest());
