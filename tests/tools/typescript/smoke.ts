// Types and calls come from schemas/openapi.json alone; run by GeneratedClientTests with the server and a token.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

declare const process: { argv: string[]; exit(code: number): never };

const [, , address, token, repository] = process.argv;
const client = createClient<paths>({
  baseUrl: address,
  headers: { Authorization: `Bearer ${token}` },
});

const made = await client.POST("/v1/tasks", {
  params: { header: { "Idempotency-Key": "typescript-1" } },
  body: {
    request: "Play the script",
    type: "fix",
    runner: "scripted",
    repository,
    script: '{"version":1,"steps":[{"do":"say","text":"done"}]}',
  },
});
if (!made.data) throw new Error(`submit: ${JSON.stringify(made.error)}`);
const id = made.data.task.task_id;

const stream = await client.GET("/v1/tasks/{id}/events", {
  params: { path: { id } },
  parseAs: "stream",
});
if (!stream.data) throw new Error(`watch: ${JSON.stringify(stream.error)}`);
const reader = (stream.data as unknown as ReadableStream<Uint8Array>).getReader();
const first = new TextDecoder().decode((await reader.read()).value);
await reader.cancel();

const seen = await client.GET("/v1/tasks/{id}", { params: { path: { id } } });
const missing = await client.GET("/v1/tasks/{id}", { params: { path: { id: "task_none" } } });
const stranger = await createClient<paths>({ baseUrl: address }).GET("/v1/status");

console.log(
  JSON.stringify({
    id,
    got: seen.data?.task_id,
    streamed: first.length > 0,
    missing: missing.error?.code,
    stranger: stranger.response.status,
  }),
);
process.exit(0);
