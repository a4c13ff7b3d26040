import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORLDS } from '../helpers/report-worlds.ts';
import { type Chromium, findChromium, startChromium } from './chromium.ts';
import { lookAt, picture, type View } from './look-at.ts';
import { makePages } from './make-pages.ts';

/** The widths that the page is made for, and some between them. */
const VIEWS: readonly View[] = [
  ...([1280, 768, 390, 320] as const).map((width): View => ({ width, height: 900, scheme: 'light' })),
  ...([1280, 390] as const).map((width): View => ({ width, height: 900, scheme: 'dark' })),
  { width: 1000, height: 1400, scheme: 'dark', media: 'print' },
];
/** Pictures that the documents show. */
const PICTURES: readonly { readonly name: string; readonly view: View }[] = [
  { name: 'report-wide', view: { width: 1280, height: 900, scheme: 'light' } },
  { name: 'report-dark', view: { width: 1280, height: 900, scheme: 'dark' } },
  { name: 'report-phone', view: { width: 390, height: 844, scheme: 'light' } },
];

/** Looks at the manager's page of every situation in a real Chromium. @param pictures folder for pictures; undefined: none */
async function run(pictures: string | undefined): Promise<number> {
  const path = findChromium();
  if (path === undefined) {
    console.log('SKIPPED no Chromium: set CHROMIUM to its path, or install the package chromium');
    return 0;
  }
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-page-'));
  const chromium = await startChromium(path);
  try {
    await makePages(WORLDS, folder);
    const faults = await lookAtAll(chromium, folder);
    if (pictures !== undefined) await takePictures(chromium, folder, pictures);
    for (const fault of faults) console.log(`error: ${fault}`);
    console.log(`${WORLDS.length} pages in ${VIEWS.length} views each: ${faults.length} faults`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await chromium.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function lookAtAll(chromium: Chromium, folder: string): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { name } of WORLDS) {
    for (const view of VIEWS) {
      const found = await lookAt(await chromium.openTab(), join(folder, `${name}.html`), view);
      faults.push(...found.map((fault) => `${name}, ${view.width} px, ${view.media ?? view.scheme}: ${fault}`));
    }
  }
  return faults;
}

async function takePictures(chromium: Chromium, folder: string, pictures: string): Promise<void> {
  for (const { name, view } of PICTURES) {
    const tab = await chromium.openTab();
    await lookAt(tab, join(folder, 'usual.html'), view);
    await writeFile(join(pictures, `${name}.png`), await picture(tab, false));
  }
}

const [flag, pictures] = process.argv.slice(2);
process.exitCode = await run(flag === '--pictures' ? pictures : undefined);
