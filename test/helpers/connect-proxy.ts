import { createServer, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { listenOnLoopback } from '../../local/simulators/listen-on-loopback.ts';

/** A tunnel that was asked for. */
export interface AskedTunnel {
  /** Host and port of its end. */
  readonly authority: string;
  readonly headers: IncomingHttpHeaders;
}

/** How a proxy answers. */
export interface ConnectProxyOptions {
  /** Port of this machine where every tunnel ends, whatever host is asked for. */
  readonly port: number;
  /** @default opens the tunnel */
  readonly refuse?: (socket: Socket, asked: AskedTunnel) => boolean;
}

/** A proxy on loopback that knows CONNECT; closed when the test ends. */
export async function connectProxy({ port, refuse = () => false }: ConnectProxyOptions) {
  const tunnels: AskedTunnel[] = [];
  const others: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    others.push(request.url ?? '');
    response.writeHead(502).end();
  });
  server.on('connect', (request, socket: Socket) => {
    const asked = { authority: request.url ?? '', headers: request.headers };
    tunnels.push(asked);
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    if (refuse(socket, asked)) return;
    const end = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      end.pipe(socket).pipe(end);
    });
    sockets.add(end);
    end.on('error', () => socket.destroy());
  });
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await close();
  });
  return { url, tunnels, others };
}
