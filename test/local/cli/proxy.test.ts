import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { callhouse, startCallhouse } from '../../helpers/callhouse.ts';
import { selfSigned } from '../../helpers/certificate.ts';
import { connectProxy } from '../../helpers/connect-proxy.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { tlsServer } from '../../helpers/tls-server.ts';

const HOST = 'kalem.example';
const PAGE = { data: [], current_page: 1, last_page: 1, total: 0 };

describe('a vendor behind a proxy', () => {
  test.each([
    ['run', ['run', '--json']],
    ['doctor', ['doctor', '--online']],
  ])('answers callhouse %s if the authority of NODE_EXTRA_CA_CERTS signed its certificate', async (_what, args) => {
    const certificate = selfSigned({ host: HOST });
    const vendor = await tlsServer(certificate, PAGE);
    const proxy = await connectProxy({ port: vendor.port });
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'ca.pem'), certificate.cert);
    await writeFile(join(cwd, '.env'), `HTTPS_PROXY=${proxy.url.replace('//', '//clinic:canary@')}\n`);
    const env = { KALEM_API_TOKEN: 'secret-token', KALEM_BASE_URL: `https://${HOST}` };
    const knowing = { ...env, NODE_EXTRA_CA_CERTS: join(cwd, 'ca.pem') };

    const without = await callhouse(args, { cwd, env });
    expect(`${without.stdout}${without.stderr}`).toContain('an authority that this machine does not know');
    expect(vendor.requests).toEqual([]);

    const { code, stdout, stderr } = await callhouse(args, { cwd, env: knowing });
    expect({ code, hasError: stderr.includes('callhouse: kalem') }).toEqual({ code: 0, hasError: false });
    expect(vendor.requests.length).toBeGreaterThan(0);
    expect(new Set(proxy.tunnels.map(({ authority }) => authority))).toEqual(new Set([`${HOST}:443`]));
    expect(`${stdout}${stderr}${without.stdout}${without.stderr}`).not.toMatch(
      /canary|clinic|secret-token|kalem\.example/,
    );
  });

  test('that never finishes its answer does not hold up the end after Ctrl-C', async () => {
    const dripping = new Set<NodeJS.Timeout>();
    onTestFinished(() => dripping.forEach(clearInterval));
    const proxy = await connectProxy({
      port: 1,
      refuse: (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nx: ');
        dripping.add(setInterval(() => socket.destroyed || socket.write('.'), 100));
        return true;
      },
    });
    const { child, ended } = await startCallhouse(['run'], {
      cwd: await temporaryFolder(),
      env: { KALEM_API_TOKEN: 'x', KALEM_BASE_URL: `https://${HOST}`, HTTPS_PROXY: proxy.url },
    });
    await vi.waitFor(() => expect(proxy.tunnels.length).toBe(1), { timeout: 30_000 });
    const interruptedAt = performance.now();
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    // Without the end, the tunnel would be given up after 10 s.
    expect(performance.now() - interruptedAt).toBeLessThan(6000);
  });

  test('ends with 2 if the proxy is no address, which is not quoted', async () => {
    const env = { KALEM_API_TOKEN: 'x', HTTPS_PROXY: 'socks5://clinic:canary@proxy' };
    const { code, stderr } = await callhouse(['run'], { cwd: await temporaryFolder(), env });
    expect(code).toBe(2);
    expect(stderr).toContain('HTTPS_PROXY is not an http or https proxy; expected an address');
    expect(stderr).not.toContain('canary');
  });
});
