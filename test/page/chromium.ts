import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** A message of the Chrome DevTools Protocol. */
export interface CdpEvent {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** One tab, without a window. */
export interface Tab {
  send(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>;
  /** Everything that the tab reported so far. */
  readonly events: readonly CdpEvent[];
  /** Resolves with the next event of this name. */
  next(method: string): Promise<void>;
}

/** A running Chromium. */
export interface Chromium {
  openTab(): Promise<Tab>;
  close(): Promise<void>;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome-headless-shell'];
/** Without these, Chromium asks its maker's servers for updates. As root it runs only without its sandbox. */
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
  '--remote-debugging-pipe',
];

/** Path of a Chromium on this machine: `CHROMIUM` in the environment, or the first of the usual names on the PATH. */
export function findChromium(env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const paths = (env['PATH'] ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...(env['CHROMIUM'] ? [env['CHROMIUM']] : []), ...paths].find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts Chromium with a profile of its own, and speaks to it over two pipes. */
export async function startChromium(path: string): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'callhouse-chromium-'));
  const child = spawn(path, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const connection = connect(child);
  return {
    openTab: async () => {
      const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
      return connection.tab(String(sessionId));
    },
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** Messages are JSON texts that end with a zero byte. */
function connect(child: ChildProcess) {
  const [, , , to, from] = child.stdio as [null, null, null, Writable, Readable];
  const waiting = new Map<number, (answer: Answer) => void>();
  const events: (CdpEvent & { readonly sessionId?: string | undefined })[] = [];
  const listeners = new Set<() => void>();
  let rest = '';
  let last = 0;
  from.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const answer: Answer = JSON.parse(message);
      if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
      else events.push({ method: answer.method ?? '', params: answer.params ?? {}, sessionId: answer.sessionId });
      for (const listener of listeners) listener();
    }
  });
  const send = async (method: string, params: object = {}, sessionId?: string) => {
    last += 1;
    const id = last;
    const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answer;
    waiting.delete(id);
    if (error) throw new Error(`Chromium refused ${method}: ${error.message}`);
    return result ?? {};
  };
  const tab = (sessionId: string): Tab => {
    const own = () => events.filter((event) => event.sessionId === sessionId);
    return {
      send: (method, params) => send(method, params, sessionId),
      get events() {
        return own();
      },
      next: (method) => {
        const seen = own().length;
        return new Promise((resolve) => {
          const look = () => {
            if (
              !own()
                .slice(seen)
                .some((event) => event.method === method)
            )
              return;
            listeners.delete(look);
            resolve();
          };
          listeners.add(look);
        });
      },
    };
  };
  return { send, tab };
}
