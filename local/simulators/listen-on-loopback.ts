import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that accepts connections of this machine only. */
export interface LoopbackServer {
  /** Its origin, such as `http://127.0.0.1:4700`. */
  readonly url: string;
  /** Stops the server and cuts every connection to it. */
  close(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1.
 * @param port 0 takes a free one
 * @throws an error with a code such as `EADDRINUSE` if it cannot listen on the port
 */
export async function listenOnLoopback(server: Server, port = 0): Promise<LoopbackServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
