// Ollama's HTTP shape, as far as the product uses it, in front of a real llama.cpp engine (node-llama-cpp, prebuilt).
// Loopback only. Usage: node ollama-front.mjs MODEL.gguf   Says "listening on URL" when ready.
import http from 'node:http';
import { getLlama, LlamaCompletion } from 'node-llama-cpp';

const name = 'tiny-random:latest';
// One thread: with two on a loaded machine the same answer took a hundred times as long.
const llama = await getLlama({
  gpu: false, build: 'never', skipDownload: true, maxThreads: 1, logLevel: 'error',
});
const model = await llama.loadModel({ modelPath: process.argv[2] });
const context = await model.createContext({ contextSize: 2048, sequences: 1, threads: 1 });
const kept = 1024; // last tokens of a prompt that are read: the rest is room for the answer
let turn = Promise.resolve();

const send = (response, status, body) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

async function read(request) {
  let text = '';
  for await (const part of request) {
    text += part;
  }
  return JSON.parse(text);
}

async function chat(response, body) {
  const gone = new AbortController();
  response.on('close', () => response.writableEnded || gone.abort());
  const line = (more) =>
    response.write(JSON.stringify({ model: name, created_at: new Date().toISOString(), ...more }) + '\n');
  const prompt = body.messages.map((m) => `[${m.role}] ${m.content}`).join('\n') + '\n[assistant] ';
  const tokens = model.tokenize(prompt).slice(-kept);
  const grammar = body.format ? await llama.createGrammarForJsonSchema(body.format) : undefined;
  const sequence = context.getSequence();
  const completion = new LlamaCompletion({ contextSequence: sequence });
  let chunks = 0;
  try {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const made = await completion.generateCompletionWithMeta(tokens, {
      maxTokens: Math.min(body.options?.num_predict ?? 200, 200),
      temperature: body.options?.temperature ?? 0,
      seed: 1,
      grammar,
      signal: gone.signal,
      stopOnAbortSignal: true,
      onTextChunk: (content) => {
        chunks++;
        line({ message: { role: 'assistant', content }, done: false });
      },
    });
    line({
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: made.metadata.stopReason === 'maxTokens' ? 'length' : 'stop',
      eval_count: chunks,
    });
    console.log(`answered ${chunks} chunks, ${made.metadata.stopReason}: ${JSON.stringify(made.response)}`);
    response.end();
  } finally {
    completion.dispose();
    sequence.dispose();
  }
}

const server = http.createServer(async (request, response) => {
  try {
    if (request.url === '/api/tags') {
      return send(response, 200, { models: [{ name, model: name, size: model.size }] });
    }
    if (request.url !== '/api/chat') {
      return send(response, 404, { error: 'not found' });
    }
    const body = await read(request);
    if (body.model !== name) {
      return send(response, 404, { error: `model '${body.model}' not found` });
    }
    // One sequence: one answer after the other.
    turn = turn.catch(() => {}).then(() => chat(response, body));
    await turn;
  } catch (error) {
    console.error(String(error?.stack ?? error));
    if (!response.headersSent) {
      return send(response, 500, { error: String(error?.message ?? error) });
    }
    response.destroy();
  }
});
server.listen(0, '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`));
