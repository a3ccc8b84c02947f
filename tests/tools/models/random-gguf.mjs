// Writes a tiny llama model in GGUF with random weights and a byte-level vocabulary: real inference, no meaning.
// The same bytes on every run (fixed seed). Usage: node random-gguf.mjs FILE
import { writeFileSync } from 'node:fs';

const width = 64, layers = 2, heads = 4, feedForward = 128, context = 4096, align = 32;
const file = process.argv[2];
if (!file) {
  console.error('usage: node random-gguf.mjs FILE');
  process.exit(2);
}

const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n); return b; };
const i32 = (n) => { const b = Buffer.alloc(4); b.writeInt32LE(n); return b; };
const u64 = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(n)); return b; };
const f32 = (n) => { const b = Buffer.alloc(4); b.writeFloatLE(n); return b; };
const text = (s) => { const b = Buffer.from(s, 'utf8'); return Buffer.concat([u64(b.length), b]); };

// Metadata: key, type number of the format, value.
const type = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 };
const metadata = [];
const put = (key, kind, value) => metadata.push(Buffer.concat([text(key), u32(kind), value]));
const putText = (key, value) => put(key, type.string, text(value));
const putNumber = (key, value) => put(key, type.u32, u32(value));
const putList = (key, kind, items) =>
  put(key, type.array, Buffer.concat([u32(kind), u64(items.length), ...items]));

// Vocabulary: [token, score, kind]; kinds: 1 normal, 2 unknown, 3 control, 6 byte.
const vocabulary = [['<unk>', 0, 2], ['<s>', 0, 3], ['</s>', 0, 3]];
for (let i = 0; i < 256; i++) {
  vocabulary.push([`<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`, 0, 6]);
}
for (let i = 33; i < 127; i++) {
  vocabulary.push([String.fromCharCode(i), -i, 1]);
}
vocabulary.push(['\u2581', -1000, 1]);

putText('general.architecture', 'llama');
putText('general.name', 'tiny-random-llama');
putNumber('general.file_type', 0);
putNumber('llama.block_count', layers);
putNumber('llama.context_length', context);
putNumber('llama.embedding_length', width);
putNumber('llama.feed_forward_length', feedForward);
putNumber('llama.attention.head_count', heads);
putNumber('llama.attention.head_count_kv', heads);
put('llama.attention.layer_norm_rms_epsilon', type.f32, f32(1e-5));
putNumber('llama.rope.dimension_count', width / heads);
putNumber('llama.vocab_size', vocabulary.length);
putText('tokenizer.ggml.model', 'llama');
putList('tokenizer.ggml.tokens', type.string, vocabulary.map(([token]) => text(token)));
putList('tokenizer.ggml.scores', type.f32, vocabulary.map(([, score]) => f32(score)));
putList('tokenizer.ggml.token_type', type.i32, vocabulary.map(([, , kind]) => i32(kind)));
putNumber('tokenizer.ggml.unknown_token_id', 0);
putNumber('tokenizer.ggml.bos_token_id', 1);
putNumber('tokenizer.ggml.eos_token_id', 2);
put('tokenizer.ggml.add_bos_token', type.bool, Buffer.from([1]));

let seed = 42;
const random = (scale) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return (seed / 4294967296 - 0.5) * scale;
};
const tensors = [];
const tensor = (name, dimensions, scale) => tensors.push({ name, dimensions, scale });
tensor('token_embd.weight', [width, vocabulary.length], 0.8);
tensor('output_norm.weight', [width], 0);
tensor('output.weight', [width, vocabulary.length], 0.8);
for (let i = 0; i < layers; i++) {
  tensor(`blk.${i}.attn_norm.weight`, [width], 0);
  for (const part of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) {
    tensor(`blk.${i}.${part}.weight`, [width, width], 0.4);
  }
  tensor(`blk.${i}.ffn_norm.weight`, [width], 0);
  tensor(`blk.${i}.ffn_gate.weight`, [width, feedForward], 0.4);
  tensor(`blk.${i}.ffn_up.weight`, [width, feedForward], 0.4);
  tensor(`blk.${i}.ffn_down.weight`, [feedForward, width], 0.4);
}

const count = (t) => t.dimensions.reduce((a, b) => a * b, 1);
let offset = 0;
const infos = tensors.map((t) => {
  const at = offset;
  offset += Math.ceil((count(t) * 4) / align) * align;
  return Buffer.concat([
    text(t.name), u32(t.dimensions.length), ...t.dimensions.map(u64), u32(0), u64(at),
  ]);
});
const head = Buffer.concat([
  Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(metadata.length), ...metadata, ...infos,
]);
const weights = tensors.map((t) => {
  const bytes = Buffer.alloc(Math.ceil((count(t) * 4) / align) * align);
  for (let i = 0; i < count(t); i++) {
    bytes.writeFloatLE(t.scale === 0 ? 1 : random(t.scale), i * 4);
  }
  return bytes;
});
const padding = Buffer.alloc((align - (head.length % align)) % align);
writeFileSync(file, Buffer.concat([head, padding, ...weights]));
