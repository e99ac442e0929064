// A service of models on this machine, as far as a repair asks it.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A running service: where it is, and the keys that it was shown. */
export interface Model {
  readonly url: string;
  readonly keys: readonly string[];
  stop(): void;
}

/** Start a service that gives the same reply to everybody. */
export async function startModel(reply: object): Promise<Model> {
  const keys: string[] = [];
  const events = [
    { choices: [{ delta: { content: JSON.stringify(reply) } }] },
    { choices: [{ delta: {}, finish_reason: "stop" }] },
    { choices: [], usage: { prompt_tokens: 900, completion_tokens: 60 } },
  ];
  const stream = [...events.map((event) => JSON.stringify(event)), "[DONE]"].map((words) => `data: ${words}\n\n`).join("");
  const server = createServer((asked, answer) => {
    keys.push(asked.headers.authorization ?? "");
    asked.resume().on("end", () => answer.writeHead(200, { "content-type": "text/event-stream" }).end(stream));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => void server.close().closeAllConnections();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, keys, stop };
}
