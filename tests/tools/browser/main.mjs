// Drives the board in a real browser. node main.mjs SCENARIO ORDER: the order is JSON, the answer one line of JSON at the end.
// A scenario throws when what it looks for does not come in time; what it saw is judged by the test.

import { journey } from "./journey.mjs";
import { hearing } from "./hearing.mjs";
import { hostile } from "./hostile.mjs";
import { cuts } from "./cuts.mjs";
import { doors } from "./doors.mjs";
import { dashboard } from "./dashboard.mjs";

const scenarios = { journey, hearing, hostile, cuts, doors, dashboard };
const [, , name, order] = process.argv;
const answer = await scenarios[name](JSON.parse(order));
console.log(JSON.stringify(answer));
process.exit(0);
