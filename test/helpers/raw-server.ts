import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * A server on loopback whose answers the test writes byte by byte; closed when the test ends.
 * @param answer is called for each request that has no body, with the number of requests that came before it on its connection
 */
export async function rawServer(answer: (socket: Socket, number: number) => void) {
  const sockets = new Set<Socket>();
  const heads: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    let number = 0;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        heads.push(text.slice(0, end));
        text = text.slice(end + 4);
        answer(socket, number);
        number += 1;
      }
    });
  });
  const { port } = await new Promise<{ port: number }>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address() as { port: number }));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, heads, connections: () => sockets.size, sockets };
}
