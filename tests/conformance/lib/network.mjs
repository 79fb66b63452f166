// The network between a client and a server: a TCP proxy on a port of its own, which can be lost.
import { connect, createServer } from "node:net";

export class Network {
  #target;
  #listener;
  #sockets = new Set();
  #lost = false;

  // `url`: the server's; from start() on, `this.url` is what the client is to use.
  constructor(url) {
    this.#target = new URL(url);
    this.#listener = createServer((client) => this.#join(client));
  }

  async start() {
    await new Promise((resolve) => this.#listener.listen(0, "127.0.0.1", resolve));
    const url = new URL(this.#target);
    url.port = String(this.#listener.address().port);
    this.url = url.origin;
  }

  // Cuts every connection, and each new one, until restore().
  lose() {
    this.#lost = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  restore() {
    this.#lost = false;
  }

  stop() {
    this.lose();
    this.#listener.close();
  }

  #join(client) {
    if (this.#lost) {
      client.destroy();
      return;
    }
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const [socket, other] of [[client, server], [server, client]]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
