import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Tab } from './chromium.ts';

const FIND_FAULTS = readFileSync(new URL('find-faults.js', import.meta.url), 'utf8');

/** How a page is looked at. */
export interface View {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  /** @default 'screen' */
  readonly media?: 'screen' | 'print';
}

/** Opens a page, and returns what is wrong with it: one line each. */
export async function lookAt(tab: Tab, path: string, view: View): Promise<readonly string[]> {
  await show(tab, path, view);
  const { result } = await tab.send('Runtime.evaluate', { expression: FIND_FAULTS, returnByValue: true });
  const { value = ['the page could not be measured'] } = result as { readonly value?: readonly string[] };
  return [...new Set([...value, ...complaints(tab)])];
}

/** Opens a page. */
async function show(tab: Tab, path: string, { width, height, scheme, media = 'screen' }: View): Promise<void> {
  for (const domain of ['Page', 'Runtime', 'Log']) await tab.send(`${domain}.enable`);
  await tab.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  await tab.send('Emulation.setEmulatedMedia', { media, features: [{ name: 'prefers-color-scheme', value: scheme }] });
  const loaded = tab.next('Page.loadEventFired');
  await tab.send('Page.navigate', { url: pathToFileURL(path).href });
  await loaded;
}

/** A picture of the page, PNG. @param all the complete page, not only what fits into the window */
export async function picture(tab: Tab, all: boolean): Promise<Buffer> {
  const { data } = await tab.send('Page.captureScreenshot', {
    format: 'png',
    captureBeyondViewport: all,
    ...(all && { clip: await size(tab) }),
  });
  return Buffer.from(String(data), 'base64');
}

async function size(tab: Tab): Promise<object> {
  const { cssContentSize } = await tab.send('Page.getLayoutMetrics');
  return { ...(cssContentSize as object), scale: 1 };
}

/** Errors that the page, or the policy in it, made the browser report. */
function complaints({ events }: Tab): readonly string[] {
  return events.flatMap(({ method, params }) => {
    if (method === 'Runtime.exceptionThrown') return ['the page threw an error'];
    if (method === 'Runtime.consoleAPICalled') return ['the page wrote to the console'];
    if (method !== 'Log.entryAdded') return [];
    const { level, text } = params['entry'] as { readonly level: string; readonly text: string };
    return level === 'error' || level === 'warning' ? [`the browser says: ${text}`] : [];
  });
}
