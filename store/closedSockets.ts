import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

interface DriverConnection {
  closed: boolean;
  socket: Socket;
  cleanup(error: Error): void;
}

let isDone = false;

/**
 * Lets a request fail whose connection closed just before the request was written. The driver (7.9.0) waits there for the socket's
 * `drain`, which a closed socket never emits, and no timeout of the driver covers that wait: the request would never end. With
 * this, the driver looks at the connection again, finds it closed, and repeats the request or fails it. May be called again.
 */
export function endRequestsOfClosedSockets(): void {
  if (isDone) return;
  isDone = true;
  // Its own file of the driver: the package does not export the class.
  const { Connection } = createRequire(import.meta.url)('mongodb/lib/cmap/connection.js') as {
    Connection: { prototype: DriverConnection };
  };
  const { cleanup } = Connection.prototype;
  Connection.prototype.cleanup = function (this: DriverConnection, error) {
    if (this.closed) return;
    cleanup.call(this, error);
    this.socket.emit('drain');
  };
}
