import { work } from "./work.js";

const fromWorker = new Promise((resolve) => {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.onmessage = (event) => resolve(event.data);
  worker.onerror = (event) => resolve(`failed: ${event.message}`);
});
const fromPage = work().catch((error) => `failed: ${error.message}`);
document.title = `page ${await fromPage}, worker ${await fromWorker}`;
