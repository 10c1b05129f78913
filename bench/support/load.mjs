import { connect } from 'node:net';

/**
 * Sends prepared HTTP/1.1 requests over keep-alive connections, each connection one request at a time.
 * Written on sockets because the generator shares the machine with what it measures.
 *
 * @param {{ port: number, requests: Buffer[] | { length: number, at: (i: number) => Buffer }, connections: number, ratePerSecond?: number }} options
 *   ratePerSecond: requests are started on this schedule, and their latency counts from it; without it, as fast as they are answered
 * @returns {Promise<{ elapsedMs: number, answers: Record<string, number>, latenciesMs: Float64Array }>}
 */
export async function sendAll({ port, requests, connections, ratePerSecond }) {
  const latenciesMs = new Float64Array(requests.length);
  const answers = {};
  let next = 0;
  const startedAt = performance.now();
  const dueAt = (i) => (ratePerSecond ? startedAt + (i * 1000) / ratePerSecond : 0);
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = await open(port);
      for (let i = next++; i < requests.length; i = next++) {
        const due = dueAt(i);
        const wait = due - performance.now();
        if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
        const from = due === 0 ? performance.now() : due;
        const status = await connection.send(requests.at(i));
        latenciesMs[i] = performance.now() - from;
        answers[status] = (answers[status] ?? 0) + 1;
      }
      connection.close();
    }),
  );
  return { elapsedMs: performance.now() - startedAt, answers, latenciesMs: latenciesMs.sort() };
}

async function open(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let received = '';
  let answer = null;
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(received.slice(0, headEnd))?.[1] ?? 0);
    if (received.length < headEnd + 4 + length) return;
    const status = received.slice(9, 12);
    received = received.slice(headEnd + 4 + length);
    answer?.(status);
  });
  socket.on('error', () => answer?.('error'));
  socket.on('close', () => answer?.('closed'));
  return {
    send: (request) =>
      new Promise((resolve) => {
        answer = resolve;
        socket.write(request);
      }),
    close: () => socket.end(),
  };
}

/** The whole request as bytes. */
export function toRequest(path, body) {
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-www-form-urlencoded\r\nuser-agent: SensorsAnalytics Node SDK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}
