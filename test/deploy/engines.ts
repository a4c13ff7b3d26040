import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runProgram } from './programs.ts';
import { MissingToolError } from './report.ts';

/** The engines as one run uses them. */
export interface Engines {
  /** Folder of the engine scripts, `test/engines/stand-in`. */
  readonly scripts: string;
  /** Where they are installed. */
  readonly home: string;
  /** State of this run alone. */
  readonly run: string;
  readonly python: string;
  /** Folder of a Node 24. */
  readonly node24: string;
  readonly awsPort: number;
  readonly trinoPort: number;
  /** For programs that talk to the stand-in. */
  readonly env: Readonly<Record<string, string>>;
}

const SCRIPTS = resolve(import.meta.dirname, '../engines/stand-in');
const INSTALL_MS = 15 * 60_000;

/** Finds the engines, or installs them where `$ENGINES_HOME` says. @throws MissingToolError when they cannot be had */
export async function findEngines(): Promise<Engines> {
  const home = process.env['ENGINES_HOME'] ?? join(tmpdir(), 'callhouse-engines');
  await mkdir(home, { recursive: true });
  const trino = await trinoFolder();
  if (!(await isInstalled(home, trino))) await install(home);
  const node24 = await findNode24(home);
  const run = await mkdtemp(join(tmpdir(), 'callhouse-deploy-'));
  for (const name of ['venv', trino]) await symlink(join(home, name), join(run, name));
  const awsPort = Number(process.env['AWS_PORT'] ?? (await freePort()));
  const trinoPort = Number(process.env['TRINO_PORT'] ?? (await freePort()));
  const python = join(run, 'venv/bin/python');
  const env = environment({ run, awsPort, trinoPort });
  return { scripts: SCRIPTS, home, run, python, node24, awsPort, trinoPort, env };
}

/** Starts Trino; it reads the stand-in only when it is asked. */
export async function startTrino({ scripts, env }: Engines): Promise<void> {
  await runProgram(join(scripts, 'trino-up.sh'), [], { env, timeoutMs: 300_000 });
}

/** Ends Trino and forgets the run. */
export async function stopEngines({ scripts, env, run }: Engines): Promise<void> {
  await runProgram(join(scripts, 'down.sh'), [], { env }).catch(() => undefined);
  if (!process.env['CALLHOUSE_KEEP']) await rm(run, { recursive: true, force: true });
}

/** Nothing of the caller's own AWS account may be reached. */
function environment(of: Pick<Engines, 'run' | 'awsPort' | 'trinoPort'>): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|CDK_|CALLHOUSE_|.*_BASE_URL$)/.test(name));
  const endpoint = `http://127.0.0.1:${of.awsPort}`;
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    ENGINES_HOME: of.run,
    AWS_PORT: String(of.awsPort),
    TRINO_PORT: String(of.trinoPort),
    TRINO_PIDFILE: join(of.run, 'trino.pid'),
    TRINO_HEAP: process.env['TRINO_HEAP'] ?? '1500M',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_HOME: join(of.run, 'cdk'),
  };
}

async function trinoFolder(): Promise<string> {
  const version = /^TRINO_VERSION=(\S+)/m.exec(await readFile(join(SCRIPTS, 'versions.env'), 'utf8'))?.[1];
  return `trino-server-${version}`;
}

/** Whether setup.sh has ended there with the versions that are asked for now. */
async function isInstalled(home: string, trino: string): Promise<boolean> {
  if (!existsSync(join(home, trino, 'bin/launcher'))) return false;
  const asked = await readFile(join(SCRIPTS, 'requirements.txt'), 'utf8');
  return (await readFile(join(home, 'installed.txt'), 'utf8').catch(() => '')) === asked;
}

async function install(home: string): Promise<void> {
  for (const [tool, ...args] of [
    ['python3', '-m', 'pip', '--version'],
    ['mvn', '--version'],
  ] as const) {
    await runProgram(tool, args).catch(() => {
      throw new MissingToolError(
        'test:deploy',
        `${[tool, ...args].join(' ')} does not run, and the engines are not in ${home}`,
      );
    });
  }
  console.log(`note    installing the engines in ${home}: minutes, once`);
  const env = { ...process.env, ENGINES_HOME: home };
  await runProgram(join(SCRIPTS, 'setup.sh'), [], { env, timeoutMs: INSTALL_MS }).catch((error: Error) => {
    throw new MissingToolError('test:deploy', `the engines cannot be installed: ${error.message.slice(-300)}`);
  });
}

async function findNode24(home: string): Promise<string> {
  const prefix = join(home, 'node24');
  const folder = join(prefix, 'node_modules/node/bin');
  if (!existsSync(join(folder, 'node'))) {
    const args = ['install', '--no-audit', '--no-fund', '--prefix', prefix, 'node@24'];
    await runProgram('npm', args).catch((error: Error) => {
      throw new MissingToolError('test:deploy', `Node 24 cannot be installed: ${error.message.slice(-300)}`);
    });
  }
  return folder;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
