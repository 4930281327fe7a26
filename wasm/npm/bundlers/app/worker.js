import { work } from "./work.js";

work().catch((error) => `failed: ${error.message}`).then((answer) => postMessage(answer));
