// Imported first: whatever the emulator opens listens on loopback only, on a port that the system chooses. It has no
// setting for either, and is called in process here, never through that port.
import net from 'node:net';

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...given) {
  const callback = given.find((a) => typeof a === 'function');
  const first = given[0];
  const port = typeof first === 'object' && first !== null ? Number(first.port ?? 0) : Number(first ?? 0);
  return listen.call(this, { port, host: '127.0.0.1' }, callback);
};
