// Parameters of a Bot API call, however they are sent: query, JSON, form, or multipart with one file.
export async function readBody(request, url) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const raw = Buffer.concat(parts);
  const parameters = Object.fromEntries(url.searchParams);
  const type = request.headers['content-type'] ?? '';
  if (raw.length === 0) return parameters;
  if (type.includes('json')) return { ...parameters, ...JSON.parse(raw.toString('utf8')) };
  const boundary = type.match(/boundary="?([^";]+)/)?.[1];
  if (!boundary) return { ...parameters, ...Object.fromEntries(new URLSearchParams(raw.toString('utf8'))) };
  for (const part of raw.toString('latin1').split(`--${boundary}`).slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n');
    const head = Buffer.from(part.slice(0, end), 'latin1').toString('utf8');
    const value = Buffer.from(part.slice(end + 4, -2), 'latin1');
    const name = head.match(/[; ]name="?([^";\r]+)/)?.[1];
    const file = head.match(/filename="?([^";\r]+)/)?.[1];
    if (file) parameters.file = { name: file, bytes: value };
    else if (name) parameters[name] = value.toString('utf8');
  }
  return parameters;
}
