import type { MessagePort } from 'node:worker_threads';
import type { EnginePort } from '../../../electron/api/port-handler.ts';
import type { Frame } from '../../../electron/shell/electron-api.ts';
import { Emitter } from './emitter.ts';

/** Node's ports as those of Electron's main process. */
export class FakePort extends Emitter implements EnginePort {
  readonly node: MessagePort;

  constructor(node: MessagePort) {
    super();
    this.node = node;
  }
  start(): void {
    this.node.on('message', (data: unknown) => this.emit('message', { data }));
    this.node.on('close', () => this.emit('close'));
  }
  postMessage(message: unknown): void {
    this.node.postMessage(message);
  }
  close(): void {
    this.node.close();
  }
}

/** What a frame is sent. */
export interface FrameMessage {
  readonly channel: string;
  readonly ports: readonly MessagePort[];
}

/** A frame that a message can come from, with what it was sent. */
export class FakeFrame implements Frame {
  readonly origin: string;
  readonly url: string;
  readonly parent: unknown;
  readonly received: FrameMessage[] = [];
  /** Whoever listens in the frame. */
  onMessage: (message: FrameMessage) => void = () => {};

  constructor(url: string, parent: unknown = null) {
    this.url = url;
    const { host, protocol } = new URL(url);
    this.origin = `${protocol}//${host}`;
    this.parent = parent;
  }
  postMessage(channel: string, _message: unknown, transfer: EnginePort[] = []): void {
    const message = { channel, ports: transfer.map((port) => (port as FakePort).node) };
    this.received.push(message);
    this.onMessage(message);
  }
}
